"""A TCP relay between Moments and one of its servers: it delays, drops, or swallows everything.

A process of its own (``python -m tests.harness.relay TARGET``), told what to do over its standard input.
"""

import asyncio
import subprocess
import sys

from tests.stack import ROOT

CHUNK = 65536


class Relay:
    """The harness's end. ``target`` is a socket's path, or host:port."""

    def __init__(self, target: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.harness.relay", target],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.process.stdout.readline())

    def tell(self, word: str) -> None:
        """``pass``, ``drop`` (close everything, let nobody in), ``hole`` (keep everything, say nothing), or a delay in
        seconds, there and back together."""
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline().strip() == word

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait(5)
        self.process.stdout.close()


class Server:
    """The relay's own end."""

    def __init__(self, target: str) -> None:
        self.target, self.delay, self.mode = target, 0.0, "pass"
        self.writers: set[asyncio.StreamWriter] = set()
        self.passing = asyncio.Event()
        self.passing.set()

    def obey(self, word: str) -> None:
        if word in {"pass", "drop", "hole"}:
            self.set_mode(word)
        else:
            self.delay = float(word)

    def set_mode(self, mode: str) -> None:
        self.mode = mode
        self.passing.set() if mode == "pass" else self.passing.clear()
        if mode == "drop":
            for writer in self.writers:
                writer.transport.abort()

    async def connect(self):
        if self.target.startswith("/"):
            return await asyncio.open_unix_connection(self.target)
        host, _colon, port = self.target.rpartition(":")
        return await asyncio.open_connection(host, int(port))

    async def serve(self, reader, writer) -> None:
        if self.mode == "drop":
            return writer.transport.abort()
        self.writers.add(writer)
        await self.passing.wait()
        try:
            there_reader, there_writer = await self.connect()
        except OSError:
            return writer.transport.abort()
        self.writers.add(there_writer)
        await asyncio.gather(self.pump(reader, there_writer), self.pump(there_reader, writer))
        self.writers -= {writer, there_writer}

    async def pump(self, reader, writer) -> None:
        """Half of the delay in each direction; what comes meanwhile waits its turn."""
        try:
            while data := await reader.read(CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay / 2)
                await self.passing.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.transport.abort() if self.mode == "drop" else writer.close()


async def main(target: str) -> None:
    server = Server(target)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=1024)
    say(str(listening.sockets[0].getsockname()[1]))
    loop = asyncio.get_running_loop()
    while word := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        server.obey(word)
        say(word)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
