"""The sinks: a mail server that delivers to nobody and a webhook that does nothing, both with a good memory.

`python -m environments.standin.monitoring.sinks FOLDER HTTP_SOCKET MAIL_SOCKET`. What arrived is kept in `FOLDER` as JSON
lines and told at `/mails` and `/webhooks`, oldest first: `{received_at, from, to, subject, text}` and
`{received_at, receiver, body}`.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import threading
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from environments.standin.monitoring.web import Answer, Request, Route, serve

LARGEST_MAIL_BYTES = 1 << 20


class Kept:
    """What arrived of one kind."""

    def __init__(self, file: Path) -> None:
        self.file, self.lock = file, threading.Lock()
        file.touch()

    def add(self, **what: Any) -> None:
        line = json.dumps({"received_at": datetime.now(UTC).isoformat(), **what})
        with self.lock, self.file.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def all(self) -> list[dict[str, Any]]:
        with self.lock:
            return [json.loads(line) for line in self.file.read_text("utf-8").splitlines()]


class Mailbox:
    """Takes every mail for everybody."""

    def __init__(self, mails: Kept) -> None:
        self.mails = mails

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        body = message.get_body(("plain", "html"))
        self.mails.add(
            **{"from": envelope.mail_from}, to=envelope.rcpt_tos, subject=str(message["subject"]),
            text=body.get_content() if body else "",
        )  # fmt: skip
        return "250 Kept"


def routes(mails: Kept, webhooks: Kept) -> tuple[Route, ...]:
    def keep(request: Request) -> Answer:
        webhooks.add(receiver=request.named["receiver"], body=json.loads(request.body))
        return Answer({"status": "kept"})

    return (
        Route("GET", "/api/health", lambda _: Answer({"status": "ok"})),
        Route("GET", "/mails", lambda _: Answer(mails.all())),
        Route("GET", "/webhooks", lambda _: Answer(webhooks.all())),
        Route("POST", r"/alerts/(?P<receiver>[\w-]+)", keep),
    )


async def take_mail(listener: socket.socket, mails: Kept) -> None:
    """Serve SMTP for ever."""
    loop = asyncio.get_running_loop()
    hostname = "ms5-mail-sink"
    server = await loop.create_server(
        lambda: SMTP(Mailbox(mails), data_size_limit=LARGEST_MAIL_BYTES, hostname=hostname, loop=loop), sock=listener
    )
    await server.serve_forever()


def main(folder: Path, http: socket.socket, smtp: socket.socket) -> None:
    mails, webhooks = Kept(folder / "mails.jsonl"), Kept(folder / "webhooks.jsonl")
    threading.Thread(target=serve, args=(http, routes(mails, webhooks)), daemon=True).start()
    asyncio.run(take_mail(smtp, mails))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(socket.socket(fileno=int(handle)) for handle in sys.argv[2:]))
