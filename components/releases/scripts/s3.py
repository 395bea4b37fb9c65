"""S3 with Python's own library: the images of engines need not have boto3, and this is all that is needed of it."""

import base64
import datetime
import hashlib
import hmac
import json
import os
import urllib.parse
import xml.etree.ElementTree as ElementTree

from transfer import Refused, read, request

UNSIGNED_BODY = hashlib.sha256(b"").hexdigest()
REFRESH = datetime.timedelta(minutes=5)


class Credentials:
    """Keys from the environment, or the pod's identity: EKS Pod Identity, or a role of its service account."""

    def __init__(self, region):
        self.region = region
        self.keys = None
        self.until = None

    def current(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        if self.keys is None or (self.until is not None and now + REFRESH > self.until):
            self.keys, self.until = self.obtain()
        return self.keys

    def obtain(self):
        environment = os.environ
        if "AWS_ACCESS_KEY_ID" in environment:
            keys = environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
            return (*keys, environment.get("AWS_SESSION_TOKEN")), None
        if "AWS_CONTAINER_CREDENTIALS_FULL_URI" in environment:
            return self.of_container(environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
        if "AWS_WEB_IDENTITY_TOKEN_FILE" in environment:
            return self.of_role(environment["AWS_ROLE_ARN"])
        raise Refused(
            "there are no keys for S3, and the pod has no identity: name a Secret in `credentials`, or give the"
            " service account a role (EKS Pod Identity, or the annotation eks.amazonaws.com/role-arn)"
        )

    def of_container(self, url):
        headers = {}
        if "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" in os.environ:
            headers["Authorization"] = text_of(os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"])
        body, _ = read(lambda: request(url, headers=headers), "the pod's identity")
        found = json.loads(body)
        keys = found["AccessKeyId"], found["SecretAccessKey"], found.get("Token")
        return keys, moment(found["Expiration"])

    def of_role(self, role):
        query = {
            "Action": "AssumeRoleWithWebIdentity",
            "Version": "2011-06-15",
            "RoleArn": role,
            "RoleSessionName": "modelyard-weights",
            "WebIdentityToken": text_of(os.environ["AWS_WEB_IDENTITY_TOKEN_FILE"]),
        }
        url = os.environ.get("AWS_ENDPOINT_URL_STS", f"https://sts.{self.region}.amazonaws.com")
        # In the body: what stands in an address ends up in logs.
        data = urllib.parse.urlencode(query).encode()
        body, _ = read(lambda: request(url + "/", "POST", data=data), "the role of the service account")
        found = {tag(each): each.text for each in ElementTree.fromstring(body).iter()}
        keys = found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"]
        return keys, moment(found["Expiration"])


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def tag(element):
    return element.tag.split("}")[-1]


def signed(method, url, region, keys, headers, now):
    """The headers of a request with AWS Signature Version 4."""
    access, secret, session = keys
    parts = urllib.parse.urlsplit(url)
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    sent = {**headers, "x-amz-content-sha256": UNSIGNED_BODY, "x-amz-date": stamp}
    if session:
        sent["x-amz-security-token"] = session
    canonical = {name.lower(): value for name, value in {**sent, "host": parts.netloc}.items()}
    names = sorted(canonical)
    lines = "".join(f"{name}:{canonical[name]}\n" for name in names)
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    asked = "\n".join([method, parts.path, query, lines, ";".join(names), UNSIGNED_BODY])
    digest = hashlib.sha256(asked.encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for step in (*scope.split("/"), f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"):
        key = hmac.new(key, step.encode(), hashlib.sha256).digest()
    credential = f"Credential={access}/{scope}, SignedHeaders={';'.join(names)}, Signature={key.hex()}"
    return {**sent, "Authorization": f"AWS4-HMAC-SHA256 {credential}"}


class Bucket:
    def __init__(self, bucket, region, endpoint=None):
        self.region = region
        self.credentials = Credentials(region)
        if endpoint is None and "." not in bucket:
            self.base = f"https://{bucket}.s3.{region}.amazonaws.com"
        else:
            # The certificate of AWS does not cover names with dots; other stores know buckets by their path.
            self.base = f"{(endpoint or f'https://s3.{region}.amazonaws.com').rstrip('/')}/{bucket}"

    def ask(self, method, key="", query=None, headers=None):
        quoted = urllib.parse.quote(key, safe="/-_.~")
        coded = urllib.parse.urlencode(query or {}, quote_via=urllib.parse.quote, safe="-_.~")
        url = f"{self.base}/{quoted}" + (f"?{coded}" if coded else "")
        now = datetime.datetime.now(datetime.timezone.utc)
        return request(url, method, signed(method, url, self.region, self.credentials.current(), headers or {}, now))

    def get(self, key, offset=0):
        return self.ask("GET", key, headers={"Range": f"bytes={offset}-"} if offset > 0 else None)

    def stored(self, key):
        """Size and SHA-256 of an object as S3 keeps them, in base64; of one sent in parts with `-` and their number."""
        _, headers = read(lambda: self.ask("HEAD", key, headers={"x-amz-checksum-mode": "ENABLED"}), key)
        return int(headers["Content-Length"]), headers.get("x-amz-checksum-sha256")

    def keys(self, prefix):
        more = {}
        while True:
            query = {"list-type": "2", "prefix": prefix, **more}
            body, _ = read(lambda: self.ask("GET", query=query), f"the list of {prefix}")
            root = ElementTree.fromstring(body)
            yield from (each.text for each in root.iter() if tag(each) == "Key")
            following = [each.text for each in root.iter() if tag(each) == "NextContinuationToken"]
            if not following:
                return
            more = {"continuation-token": following[0]}


def base64_of(hexadecimal):
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()
