"""A receiver of mail over SMTP that counts what arrives, by its one id."""

import time
from collections import Counter

from aiosmtpd.controller import Controller

from tests.stack import free_port


class Sink:
    """``delay`` seconds pass before each mail is accepted: long enough to die meanwhile."""

    def __init__(self, *, delay: float = 0.0) -> None:
        self.ids: Counter = Counter()
        self.delay = delay
        self.port = free_port()

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        head = envelope.content.decode("utf-8", "replace").partition("\r\n\r\n")[0].replace("\r\n ", " ")
        lines = dict(line.split(": ", 1) for line in head.split("\r\n") if ": " in line)
        self.ids[lines["Message-ID"].strip("<>").partition("@")[0]] += 1
        if self.delay:
            import asyncio

            await asyncio.sleep(self.delay)
        return "250 OK"

    def start(self) -> "Sink":
        """Again after a stop, on the same port."""
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()
        return self

    def stop(self) -> None:
        self.controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def wait_for(self, count: int, seconds: float) -> None:
        until = time.monotonic() + seconds
        while len(self.ids) < count and time.monotonic() < until:
            time.sleep(0.2)
