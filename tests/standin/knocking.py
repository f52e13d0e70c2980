"""How the tests knock at the front door: any name, any method, from any loopback address."""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass

from environments.standin import client

PATIENCE_SECONDS = 10
HOME = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """The one value of a header, or None."""
        values = self.all(name)
        assert len(values) < 2, f"{name} was sent {len(values)} times"
        return values[0] if values else None


@dataclass(frozen=True)
class Door:
    """The front door of one stand-in."""

    standin: client.StandIn

    def name(self, host: str) -> str:
        """`app` → app.ms5.localhost."""
        return self.standin.references["app_host"].replace("app", host, 1)

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.standin.references["ca_file"])

    def port(self, scheme: str = "https") -> int:
        return int(self.standin.references[f"{scheme}_port"])

    def origin(self, host: str) -> str:
        return f"https://{self.name(host)}:{self.port()}"

    def __call__(self, path: str, host: str = "app", method: str = "GET", *, source: str = HOME, plain: bool = False,
                 said_host: str = "", body: bytes | None = None, **headers: str) -> Answer:  # fmt: skip
        """One request. `said_host` is what the Host header says when it is not what TLS was asked for."""
        port = self.port("http" if plain else "https")
        line = http.client.HTTPConnection("127.0.0.1", port, PATIENCE_SECONDS, source_address=(source, 0))
        line.connect()
        if not plain:
            line.sock = self.trust().wrap_socket(line.sock, server_hostname=self.name(host))
        told = {"Host": f"{said_host or self.name(host)}:{port}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        try:
            line.request(method, path, body, told)
            answer = line.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            line.close()
