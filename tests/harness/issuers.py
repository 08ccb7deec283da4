"""Clients that issue until it is acknowledged, and remember what was, on disk, before they go on."""

import os
import pathlib
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.harness.http import App

AGAIN = {0, 500, 502, 503, 504}  # lost, or not now: the same call, with the same key, once more


class Issuers:
    """``count`` rewards over ``clients`` connections, each call repeated with its key until it is answered 200.

    The file of acknowledgements has one line ``KEY REWARD`` for each, written before the client's next call.
    """

    def __init__(self, app: App, count: int, *, seed: int, folder: pathlib.Path, clients: int = 4) -> None:
        self.app, self.count, self.seed, self.clients = app, count, seed, clients
        self.path = folder / f"acknowledged-{seed}"
        self.file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.statuses: Counter = Counter()
        self.done = 0
        self.next = iter(range(count))
        self.lock = threading.Lock()
        self.stopped = threading.Event()

    def start(self) -> "Issuers":
        self.pool = ThreadPoolExecutor(self.clients)
        self.began = time.monotonic()
        self.futures = [self.pool.submit(self.work) for _client in range(self.clients)]
        return self

    def work(self) -> None:
        while not self.stopped.is_set():
            with self.lock:
                number = next(self.next, None)
            if number is None:
                return
            self.issue(f"{self.seed}-{number}")

    def issue(self, key: str) -> None:
        while not self.stopped.is_set():
            answer = self.app.call(idempotencyKey=key, timeout=15)
            with self.lock:
                self.statuses[answer.status] += 1
            if answer.status == 200:
                os.write(self.file, f"{key} {answer.json['rewardId']}\n".encode())
                with self.lock:
                    self.done += 1
                return
            assert answer.status in AGAIN, answer
            time.sleep(0.1)

    def wait(self, timeout: float) -> float:
        """Until all are done; the seconds it took."""
        for future in self.futures:
            future.result(max(timeout - (time.monotonic() - self.began), 1))
        self.pool.shutdown()
        return time.monotonic() - self.began

    def stop(self) -> None:
        self.stopped.set()
        self.pool.shutdown()

    @property
    def acknowledged(self) -> dict[str, str]:
        return dict(line.split() for line in self.path.read_text().splitlines())
