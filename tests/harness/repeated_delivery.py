"""Every Celery message twice: watches a Redis, and pushes whatever is pushed once more."""

import contextlib
import json
import threading
import uuid

import redis


class Twice:
    """``seen`` messages came by, ``added`` of them were added by us, one for each."""

    def __init__(self, socket: str) -> None:
        self.client = redis.Redis(unix_socket_path=socket)
        self.seen = self.added = 0
        self.ours: set[str] = set()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def start(self) -> "Twice":
        self.monitor = self.client.monitor()
        self.monitor.__enter__()
        self.thread.start()
        return self

    def watch(self) -> None:
        with contextlib.suppress(redis.RedisError, OSError, ValueError):
            for entry in self.monitor.listen():
                verb, _space, rest = entry["command"].partition(" ")
                key, _space, payload = rest.partition(" ")
                if verb == "LPUSH" and key == "celery":
                    self.again(payload)

    def again(self, payload: str) -> None:
        message = json.loads(payload)
        tag = message["properties"]["delivery_tag"]
        self.seen += 1
        if tag in self.ours:
            return
        message["properties"]["delivery_tag"] = str(uuid.uuid4())
        self.ours.add(message["properties"]["delivery_tag"])
        self.client.lpush("celery", json.dumps(message))
        self.added += 1
