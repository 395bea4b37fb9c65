"""The files of one commit of a repository of the Hugging Face hub, each with its size and checksum."""

import hashlib
import json
import os
import re
import urllib.parse

from transfer import CHUNK, Refused, read, request, sha256_of

HUB = "https://huggingface.co"


class Repository:
    def __init__(self, name, revision, endpoint=None):
        self.name = name
        self.revision = revision
        self.endpoint = (endpoint or HUB).rstrip("/")
        token = os.environ.get("HF_TOKEN")
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def files(self):
        """Every file of the commit: name, size, and how to tell whether a copy is whole."""
        url = f"{self.endpoint}/api/models/{self.name}/tree/{self.revision}?recursive=true"
        while url is not None:
            body, headers = read(lambda: self.ask(url), f"the files of {self.name}")
            for entry in json.loads(body):
                if entry["type"] == "file":
                    yield entry["path"], entry["size"], checker(entry)
            url = following(headers.get("Link"), url)

    def open(self, file, offset):
        quoted = urllib.parse.quote(file, safe="/")
        headers = {"Range": f"bytes={offset}-"} if offset > 0 else {}
        return self.ask(f"{self.endpoint}/{self.name}/resolve/{self.revision}/{quoted}", headers)

    def ask(self, url, headers=None):
        try:
            return request(url, headers={**self.headers, **(headers or {})})
        except Refused as error:
            if re.search(r"answered (401|403)", str(error)):
                raise Refused(
                    f"{error}: {self.name} is gated or private; the owner of the token has to accept its terms"
                ) from None
            raise


def following(link, base):
    found = re.search(r'<([^>]+)>;\s*rel="next"', link or "")
    return urllib.parse.urljoin(base, found.group(1)) if found else None


def checker(entry):
    """Large files are known by SHA-256, small ones as git knows them."""
    large = entry.get("lfs")
    if large is not None:
        return lambda path: sha256_of(path) == large["oid"]
    return lambda path: git_blob(path, entry["size"]) == entry["oid"]


def git_blob(path, size):
    digest = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
