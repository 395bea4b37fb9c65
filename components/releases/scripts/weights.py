"""
Weights, checked: copied from the Hugging Face hub or from S3, or compared with their manifest where they are.

    weights.py copy-hub --into DIR --model REPOSITORY COMMIT FOLDER [--model …] [--endpoint URL]
    weights.py copy-s3  --into DIR --bucket B --path P --region R --manifest SHA256 [--endpoint URL]
    weights.py check-s3 --bucket B --path P --region R --manifest SHA256 [--endpoint URL]
    weights.py manifest DIR

Only Python's own library is used. It ends with 0 when everything is there and right, with 3 when another attempt
cannot help, and with 1 when it may.
"""

import argparse
import base64
import concurrent.futures
import fcntl
import hashlib
import json
import os
import re
import shutil
import sys

from hub import Repository
from s3 import Bucket, base64_of
from transfer import Passing, Progress, Refused, download, gigabytes, read, say, sha256_of

# Shards arrive at once: one connection to S3 carries about a tenth of what a machine can take.
AT_ONCE = 8
MANIFEST = "manifest.json"
COMPLETE = ".complete.json"
# What the AWS CLI sends large files in; S3 keeps the checksum of the parts' checksums then.
PART_BYTES = 8 * 1024 * 1024
REFUSED = 3

# Data and nothing else: a pickle (.bin, .pt, .pth, .ckpt) runs the code that is in it when it is loaded.
ALLOWED = re.compile(r"\.(safetensors|json|txt|model|jinja|tiktoken)$|(^|/)tokenizer\.model\.v\d+$")
# The publisher's own format beside the usual one; vLLM's loader ignores it, too (`ignore_patterns`).
IGNORED = re.compile(r"^original/")


def is_allowed(name):
    return ALLOWED.search(name) is not None


def wanted(files):
    """Of a repository's files those that are served from. Publishers put other formats of the same beside them."""
    kept = [each for each in files if is_allowed(each[0]) and not IGNORED.search(each[0])]
    names = {name for name, _, _ in kept}
    if any(re.match(r"model.*\.safetensors$", name) for name in names):
        return [each for each in kept if not re.match(r"consolidated.*\.safetensors$", each[0])]
    return kept


def copy_hub(options):
    for name, revision, folder in options.model:
        inside(folder)
        with locked(os.path.join(options.into, folder)) as target:
            source = f"{name}@{revision}"
            if is_complete(target, source):
                continue
            repository = Repository(name, revision, options.endpoint)
            files = wanted(repository.files())
            if not any(file.endswith(".safetensors") for file, _, _ in files):
                raise Refused(f"{source} has no weights as safetensors, and no other format is loaded")
            copy(target, source, files, lambda file, offset, of=repository: of.open(file, offset))


def copy_s3(options):
    bucket, prefix, manifest = pinned(options)
    with locked(options.into) as target:
        source = f"{options.bucket}/{prefix}@{options.manifest}"
        if is_complete(target, source):
            return
        only(bucket, prefix, manifest)
        files = [
            (name, entry["size"], lambda path, entry=entry: sha256_of(path) == entry["sha256"])
            for name, entry in manifest.items()
        ]
        copy(target, source, files, lambda file, offset: bucket.get(prefix + file, offset))


def check_s3(options):
    bucket, prefix, manifest = pinned(options)
    only(bucket, prefix, manifest)
    progress = Progress(sum(entry["size"] for entry in manifest.values()), "checked")

    def check(item):
        name, entry = item
        size, checksum = bucket.stored(prefix + name)
        if size != entry["size"]:
            return f"{name} has {size} bytes and should have {entry['size']}"
        if checksum is None:
            return f"{name} is stored without a SHA-256: send it again with `--checksum-algorithm SHA256`"
        if checksum != (entry.get("parts") if "-" in checksum else base64_of(entry["sha256"])):
            return f"{name} has another checksum than the manifest says: it was changed, or sent in parts of another size"
        progress.add(size)
        return None

    fail(each for each in at_once(check, manifest.items()) if each is not None)
    say(f"{len(manifest)} files of {gigabytes(progress.total)} GB are as the manifest says")


def pinned(options):
    """The bucket, where the model lies in it, and what the manifest says, once it is known to be the right one."""
    bucket = Bucket(options.bucket, options.region, options.endpoint)
    prefix = options.path.rstrip("/") + "/"
    body, _ = read(lambda: bucket.get(prefix + MANIFEST), MANIFEST)
    found = hashlib.sha256(body).hexdigest()
    if found != options.manifest:
        raise Refused(f"{prefix}{MANIFEST} has the SHA-256 {found}, and {options.manifest} is expected")
    manifest = json.loads(body)["files"]
    for name in manifest:
        inside(name)
    fail(f"the manifest names {name}, which is not data alone" for name in manifest if not is_allowed(name))
    if not any(name.endswith(".safetensors") for name in manifest):
        raise Refused(f"the manifest of {prefix} names no weights as safetensors")
    return bucket, prefix, manifest


def only(bucket, prefix, manifest):
    """Nothing lies beside what the manifest names, and all of that is there: a loader reads what it finds."""
    there = {key[len(prefix) :] for key in bucket.keys(prefix)} - {"", MANIFEST}
    fail(f"{name} is missing" for name in sorted(set(manifest) - there))
    fail(f"{name} lies there, and the manifest does not name it" for name in sorted(there - set(manifest)))


def copy(target, source, files, open_from):
    missing = [each for each in files if not has_size(os.path.join(target, each[0]), each[1])]
    total = sum(size for _, size, _ in files)
    left = sum(size - part_size(os.path.join(target, name)) for name, size, _ in missing)
    free = shutil.disk_usage(target).free
    if free < left:
        raise Refused(f"{gigabytes(left)} GB are missing of {source}, and the volume has {gigabytes(free)} GB free")
    say(f"{source}: {len(files)} files, {gigabytes(total)} GB, of which {gigabytes(left)} GB are missing")
    progress = Progress(left, "copied")

    def one(each):
        name, size, verify = each
        download(lambda offset: open_from(name, offset), os.path.join(target, name), size, verify, progress)

    # What lies there without a mark of the whole is of an earlier attempt, and is read once more.
    for name, size, verify in files:
        path = os.path.join(target, name)
        if has_size(path, size) and not verify(path):
            os.remove(path)
            missing.append((name, size, verify))
    list(at_once(one, missing))
    mark = {"source": source, "files": {name: size for name, size, _ in files}}
    with open(os.path.join(target, COMPLETE + ".part"), "w", encoding="utf-8") as file:
        json.dump(mark, file)
    os.replace(os.path.join(target, COMPLETE + ".part"), os.path.join(target, COMPLETE))
    say(f"{source}: all {len(files)} files are there and right")


def is_complete(target, source):
    try:
        with open(os.path.join(target, COMPLETE), encoding="utf-8") as file:
            mark = json.load(file)
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    if mark["source"] != source or not all(has_size(os.path.join(target, n), s) for n, s in mark["files"].items()):
        return False
    say(f"{source}: all {len(mark['files'])} files are there already")
    return True


def has_size(path, size):
    return os.path.isfile(path) and os.path.getsize(path) == size


def part_size(path):
    return os.path.getsize(path + ".part") if os.path.exists(path + ".part") else 0


class locked:
    """A folder for one process at a time: pods that start together share the volume."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        os.makedirs(self.folder, exist_ok=True)
        self.file = open(os.path.join(self.folder, ".lock"), "w", encoding="utf-8")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another pod copies to {self.folder}; waiting for it")
            fcntl.flock(self.file, fcntl.LOCK_EX)
        return self.folder

    def __exit__(self, *_):
        self.file.close()


def inside(name):
    if name.startswith("/") or ".." in name.split("/"):
        raise Refused(f"{name} leads out of its folder")


def fail(problems):
    found = list(problems)
    if found:
        raise Refused("\n".join(found))


def at_once(action, items):
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        waiting = [pool.submit(action, item) for item in items]
        try:
            for each in waiting:
                yield each.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def write_manifest(options):
    """The manifest of a folder, for whoever publishes it."""
    files = {}
    for root, _, names in sorted(os.walk(options.folder)):
        for name in sorted(names):
            path = os.path.join(root, name)
            relative = os.path.relpath(path, options.folder)
            if relative == MANIFEST:
                continue
            if not is_allowed(relative):
                raise Refused(f"{relative} is not data alone: take it out of the folder")
            files[relative] = described(path)
    print(json.dumps({"files": files}, indent=2))


def described(path):
    size, whole, parts, count = os.path.getsize(path), hashlib.sha256(), hashlib.sha256(), 0
    with open(path, "rb") as file:
        while part := file.read(PART_BYTES):
            whole.update(part)
            parts.update(hashlib.sha256(part).digest())
            count += 1
    composite = f"{base64.b64encode(parts.digest()).decode()}-{count}"
    return {"size": size, "sha256": whole.hexdigest(), "parts": composite}


def parse(arguments):
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("copy-hub", "copy-s3", "check-s3"):
        command = commands.add_parser(name)
        command.add_argument("--endpoint")
        if name != "check-s3":
            command.add_argument("--into", required=True)
        if name == "copy-hub":
            command.add_argument("--model", nargs=3, action="append", required=True)
        else:
            for option in ("--bucket", "--path", "--region", "--manifest"):
                command.add_argument(option, required=True)
    commands.add_parser("manifest").add_argument("folder")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    action = {"copy-hub": copy_hub, "copy-s3": copy_s3, "check-s3": check_s3, "manifest": write_manifest}
    try:
        action[options.command](options)
    except Refused as error:
        print(f"refused: {error}", file=sys.stderr, flush=True)
        return REFUSED
    except Passing as error:
        print(f"failed: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
