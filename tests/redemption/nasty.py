"""Every way in which a provider may misbehave, for tests and for whoever wants to try them on a running Moments."""

import functools
import gzip
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.redemption.provider import changed, json_answer, raw_answer


@dataclass(frozen=True)
class Nasty:
    """``answer(order)`` yields the raw bytes of an HTTP answer; ``status`` is what the request is left at."""

    answer: Callable[[dict], Iterable[bytes]]
    status: str = "needs_attention"


def lying(path: str, value: object) -> Nasty:
    return Nasty(lambda order: json_answer({"order": changed(order, path, value)}))


def saying(body: bytes, *more: str, status: str = "200 OK", kind: str = "application/json", left: str = "") -> Nasty:
    return Nasty(lambda order: raw_answer(body, status, kind, *more), left or "needs_attention")


def dripping(order: dict) -> Iterable[bytes]:
    """A byte every so often, so that no timeout of a socket ever fires."""
    for piece in json_answer({"order": order}):
        for position in range(len(piece)):
            yield piece[position : position + 1]
            time.sleep(0.05)


def cut_short(order: dict) -> Iterable[bytes]:
    head, body = json_answer({"order": order})
    yield from (head, body[:-20])


def with_denomination(text: bytes) -> Nasty:
    def answer(order: dict) -> Iterable[bytes]:
        marked = json.dumps({"order": changed(order, "rewards.0.value.denomination", "here")}).encode()
        return raw_answer(marked.replace(b'"here"', text))

    return Nasty(answer)


def with_extra(name: str, text: bytes) -> Nasty:
    """An honest order, and beside it a member that is not."""
    return Nasty(lambda order: raw_answer(json.dumps({"order": order}).encode()[:-1] + b', "extra": ' + text + b"}"))


@functools.cache
def nasty_answers() -> dict[str, Nasty]:
    """Answers to an order that was kept, each with the status in which it must leave the request. None may ship it."""
    bomb = gzip.compress(b" " * 100_000_000)
    return {
        "nothing": saying(b""),
        "bad JSON": saying(b'{"order": '),
        "no object": saying(b"[]"),
        "null": saying(b'{"order": null}'),
        "bad UTF-8": saying(b'{"order": "\xff\xfe"}'),
        "NaN": with_denomination(b"NaN"),
        "infinity": with_denomination(b"1e999999999999999999999"),
        "a number of a million digits": with_denomination(b"9" * 1_000_000),
        "the amount as text": with_denomination(b'"25.00"'),
        "the amount as true": with_denomination(b"true"),
        "NaN beside the order": with_extra("extra", b"NaN"),
        "deep nesting": saying(b"[" * 100_000 + b"]" * 100_000),
        "deep nesting beside the order": with_extra("extra", b"[" * 500 + b"]" * 500),
        "wrong currency": lying("rewards.0.value.currency_code", "EUR"),
        "wrong amount": lying("rewards.0.value.denomination", 2500),
        "a cent too much": lying("rewards.0.value.denomination", 25.01),
        "wrong external id": lying("external_id", "AAAA-BBBB-CCCC"),
        "no external id": lying("external_id", None),
        "failed": lying("status", "FAILED"),
        "cancelled": lying("status", "CANCELED"),
        "no reward": lying("rewards", []),
        "two rewards": Nasty(lambda order: json_answer({"order": {**order, "rewards": order["rewards"] * 2}})),
        "rewards of another kind": lying("rewards", ["gift"]),
        "by mail": lying("rewards.0.delivery.method", "EMAIL"),
        "delivery failed": lying("rewards.0.delivery.status", "FAILED"),
        "no link": lying("rewards.0.delivery.link", None),
        "plain link": lying("rewards.0.delivery.link", "http://gifts.example/1"),
        "script for a link": lying("rewards.0.delivery.link", "javascript:alert(1)"),
        "link that no URL is": lying("rewards.0.delivery.link", "https://[gifts"),
        "link with a zero byte": lying("rewards.0.delivery.link", "https://gifts.example/\x00"),
        "link with half a letter": lying("rewards.0.delivery.link", "https://gifts.example/\ud800"),
        "endless link": lying("rewards.0.delivery.link", "https://gifts.example/" + "x" * 5000),
        "number with a zero byte": lying("id", "ORDER\x00"),
        "10 MB": saying(b'{"order": "' + b"x" * 10_000_000 + b'"}'),
        "gzip bomb": saying(bomb, "Content-Encoding: gzip"),
        "gzip bomb in disguise": saying(bomb),
        "wrong content type": saying(b"{}", kind="text/html"),
        "no content type": saying(b"{}", kind=""),
        "302": saying(b"", "Location: http://127.0.0.1:9/", status="302 Found"),
        "204": saying(b"", status="204 No Content"),
        "400": saying(b'{"errors": {"message": "No"}}', status="400 Bad Request"),
        "401": saying(b"<html>", status="401 Unauthorized", kind="text/html"),
        "422 with nonsense": saying(b'{"errors": ', status="422 Unprocessable Content"),
        "no HTTP": Nasty(lambda order: [b"SSH-2.0-OpenSSH_9.2\r\n\r\n"]),
        "a thousand headers": Nasty(lambda order: [b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000, b"\r\n"]),
        "an endless header": Nasty(lambda order: [b"HTTP/1.1 200 OK\r\nX: ", b"y" * 100_000, b"\r\n\r\n"]),
        "waits for approval": Nasty(
            lambda order: json_answer({"order": changed(order, "status", "PENDING APPROVAL")}), "unknown"
        ),
        "429": saying(b"{}", status="429 Too Many Requests", left="unknown"),
        "500": saying(b"{}", status="500 Internal Server Error", left="unknown"),
        "503 packed": saying(b"", "Content-Encoding: gzip", status="503 Service Unavailable", left="unknown"),
        "slow drip": Nasty(dripping, "unknown"),
        "cut short": Nasty(cut_short, "unknown"),
        "dropped": Nasty(lambda order: [], "unknown"),
    }
