"""A bucket of an S3 server: signed requests, or unsigned ones as a stranger would send them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

ALGORITHM = "AWS4-HMAC-SHA256"
TIMEOUT_SECONDS = 10.0
NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


class BucketRefused(OSError):
    """The server answered something else than success; `status` is its HTTP status."""

    def __init__(self, what: str, status: int, body: bytes) -> None:
        super().__init__(f"{what}: HTTP {status} {body[:200].decode(errors='replace')}")
        self.status = status


@dataclass(frozen=True)
class Bucket:
    """One bucket at `address` ("127.0.0.1:8333"); without an access key nothing is signed."""

    address: str
    name: str
    region: str
    access_key: str = ""
    secret_key: str = ""

    def put(self, key: str, content: bytes) -> None:
        """Write an object over what was there."""
        self.ask("PUT", key, body=content)

    def get(self, key: str) -> bytes:
        """The content of an object."""
        return self.ask("GET", key)

    def delete(self, key: str) -> None:
        """Remove an object; it is no error when there is none."""
        self.ask("DELETE", key)

    def set(self, setting: str, document: bytes) -> None:
        """Put a setting of the bucket itself: `versioning`, `lifecycle`."""
        self.ask("PUT", query={setting: ""}, body=document)

    def setting(self, setting: str) -> bytes:
        """A setting of the bucket itself, as XML."""
        return self.ask("GET", query={setting: ""})

    def create(self) -> None:
        """Make it, unless it is there and ours."""
        try:
            self.ask("PUT")
        except BucketRefused as refused:
            if refused.status != HTTPStatus.CONFLICT:
                raise

    def sizes(self, prefix: str = "") -> dict[str, int]:
        """Key → size in bytes of every object, however many pages that takes."""
        return dict(self.pages(prefix))

    def pages(self, prefix: str) -> Iterator[tuple[str, int]]:
        """The same, page after page."""
        token = ""
        while True:
            more = {"continuation-token": token} if token else {}
            page = ElementTree.fromstring(self.ask("GET", query={"list-type": "2", "prefix": prefix, **more}))
            for entry in page.iter(f"{NAMESPACE}Contents"):
                yield entry.findtext(f"{NAMESPACE}Key", ""), int(entry.findtext(f"{NAMESPACE}Size", "0"))
            token = page.findtext(f"{NAMESPACE}NextContinuationToken", "")
            if not token:
                return

    def ask(self, method: str, key: str = "", query: Mapping[str, str] | None = None, body: bytes = b"") -> bytes:
        """One request; the body of the answer. `BucketRefused` unless it was a success, `OSError` without an answer."""
        path = quote(f"/{self.name}/{key}" if key else f"/{self.name}")
        line = urlencode(sorted((query or {}).items()), quote_via=quote)
        connection = HTTPConnection(self.address, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, f"{path}?{line}" if line else path, body, self.headers(method, path, line, body))
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise BucketRefused(f"{method} {path}?{line}", answer.status, content)
        return content

    def headers(self, method: str, path: str, query: str, body: bytes) -> dict[str, str]:
        """The headers that prove who asks; none for a stranger."""
        if not self.access_key:
            return {}
        digest, now = hashlib.sha256(body).hexdigest(), datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        signed = {"host": self.address, "x-amz-content-sha256": digest, "x-amz-date": now}
        names = ";".join(signed)
        lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
        request = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{digest}"
        scope = f"{now[:8]}/{self.region}/s3/aws4_request"
        text = "\n".join((ALGORITHM, now, scope, hashlib.sha256(request.encode()).hexdigest()))
        credential = f"{ALGORITHM} Credential={self.access_key}/{scope}, SignedHeaders={names}"
        return signed | {"Authorization": f"{credential}, Signature={self.signature(scope, text)}"}

    def signature(self, scope: str, text: str) -> str:
        """Signature version 4: a key made for this day, region and service signs the text."""
        key = f"AWS4{self.secret_key}".encode()
        for word in scope.split("/"):
            key = hmac.digest(key, word.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()
