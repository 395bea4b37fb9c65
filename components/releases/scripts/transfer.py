"""Requests that are tried again, downloads that go on where they stopped, and progress that people can read."""

import hashlib
import http.client
import os
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

CHUNK = 8 * 1024 * 1024
TIMEOUT_SECONDS = 60
ATTEMPTS = 6
# Between attempts: 1, 2, 4, 8, 16 s. Tests make it shorter.
FIRST_PAUSE_SECONDS = float(os.environ.get("MODELYARD_FIRST_PAUSE", "1"))
PROGRESS_SECONDS = 5


class Refused(Exception):
    """Something that another attempt does not change: a wrong checksum, a missing file, a right that is not there."""


class Passing(Exception):
    """A fault that may be gone at the next attempt."""


class WithoutForeignSecrets(urllib.request.HTTPRedirectHandler):
    """Python sends the token along to wherever it is redirected; the hub redirects to other companies' hosts."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        new = super().redirect_request(req, fp, code, msg, headers, newurl)
        if new is not None and origin(newurl) != origin(req.full_url):
            new.remove_header("Authorization")
        return new


def origin(url):
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


opener = urllib.request.build_opener(WithoutForeignSecrets)


def request(url, method="GET", headers=None, data=None):
    """One request. Answers that are no success are `Refused`, or `Passing` where it is the server's fault."""
    asked = urllib.request.Request(url, method=method, headers=headers or {}, data=data)
    try:
        return opener.open(asked, timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        # The query may hold a signature.
        shown = url.split("?")[0]
        error.close()
        kind = Passing if error.code in (408, 429) or error.code >= 500 else Refused
        raise kind(f"{method} {shown} answered {error.code} {error.reason}") from None
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        raise Passing(f"{method} {url.split('?')[0]} failed: {getattr(error, 'reason', error)}") from None


def again(action, what):
    """Does something until it works, a few times, with longer and longer pauses."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return action()
        except Passing as error:
            if attempt == ATTEMPTS:
                raise Passing(f"{what}: {error}; {ATTEMPTS} attempts") from None
            say(f"{what}: {error}; attempt {attempt + 1} of {ATTEMPTS} follows")
            time.sleep(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))


def read(action, what):
    """The whole of a small answer."""

    def once():
        try:
            with action() as answer:
                return answer.read(), answer.headers
        except (http.client.HTTPException, OSError) as error:
            raise Passing(f"the answer broke off: {error}") from None

    return again(once, what)


class Progress:
    """How much of everything is there, said every few seconds."""

    def __init__(self, total, verb):
        self.total = total
        self.verb = verb
        self.done = 0
        self.started = time.monotonic()
        self.said = self.started
        self.lock = threading.Lock()

    def add(self, count):
        with self.lock:
            self.done += count
            now = time.monotonic()
            if now - self.said < PROGRESS_SECONDS:
                return
            self.said = now
            rate = max(self.done, 1) / (now - self.started)
            left = max(self.total - self.done, 0) / rate
            say(
                f"{self.verb} {gigabytes(self.done)} of {gigabytes(self.total)} GB"
                f" ({100 * self.done // max(self.total, 1)} %), {rate / 1e9:.2f} GB/s, about {left / 60:.0f} min left"
            )


def gigabytes(count):
    return f"{count / 1e9:.1f}"


def say(text):
    print(text, flush=True)


def download(open_from, target, size, verify, progress):
    """
    Writes one file, going on where an earlier attempt stopped.

    open_from(offset) asks for the rest of the file; verify(path) tells whether the whole is what it should be.
    """
    part = target + ".part"
    os.makedirs(os.path.dirname(target), exist_ok=True)
    resumed = os.path.exists(part)
    again(lambda: append(open_from, part, size, progress), os.path.basename(target))
    if resumed and not verify(part):
        # What an earlier attempt left may be broken; what is fetched now is not trusted less than it.
        say(f"{os.path.basename(target)}: what was left of an earlier attempt is broken; from the beginning")
        os.remove(part)
        again(lambda: append(open_from, part, size, progress), os.path.basename(target))
        resumed = False
    if not resumed and not verify(part):
        os.remove(part)
        raise Refused(f"{os.path.basename(target)} has another checksum than it should: it was changed")
    os.replace(part, target)


def append(open_from, part, size, progress):
    there = os.path.getsize(part) if os.path.exists(part) else 0
    if there > size:
        os.remove(part)
        there = 0
    if there == size and os.path.exists(part):
        return
    answer = open_from(there)
    # A server that does not know ranges answers 200 with the whole.
    resumes = there > 0 and answer.status == 206
    mode = "ab" if resumes else "wb"
    length = answer.headers.get("Content-Length")
    whole = None if length is None else int(length) + (there if resumes else 0)
    if whole not in (None, size):
        answer.close()
        raise Refused(f"{os.path.basename(part)[:-5]} has {whole} bytes and should have {size}: it was changed")
    with answer, open(part, mode) as file:
        try:
            while chunk := answer.read(CHUNK):
                file.write(chunk)
                progress.add(len(chunk))
        except (http.client.HTTPException, OSError) as error:
            if getattr(error, "errno", None) in (28, 122):
                raise Refused(f"no room is left for {os.path.basename(part)}: {error.strerror}") from None
            raise Passing(f"the answer broke off: {error}") from None
    written = os.path.getsize(part)
    if written < size:
        raise Passing(f"the answer ended after {written} of {size} bytes")
    if written > size:
        os.remove(part)
        raise Refused(f"{os.path.basename(part)[:-5]} goes on after its {size} bytes: it was changed")


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
