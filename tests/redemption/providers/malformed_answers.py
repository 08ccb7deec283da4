"""Every way in which a provider may misbehave, for tests and for whoever wants to try them on a running Moments."""

import functools
import gzip
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.redemption.providers.provider import changed, json_answer, raw_answer


@dataclass(frozen=True)
class Nasty:
    """``answer(document)`` yields the raw bytes of an HTTP answer, given the honest one to an order that was kept.

    ``status`` is what the request is left at.
    """

    answer: Callable[[dict], Iterable[bytes]]
    status: str = "needs_attention"


def lying(path: str, value: object, left: str = "needs_attention") -> Nasty:
    return Nasty(lambda document: json_answer(changed(document, path, value)), left)


def saying(body: bytes, *more: str, status: str = "200 OK", kind: str = "application/json", left: str = "") -> Nasty:
    return Nasty(lambda document: raw_answer(body, status, kind, *more), left or "needs_attention")


def dripping(document: dict) -> Iterable[bytes]:
    """A byte every so often, so that no timeout of a socket ever fires."""
    for piece in json_answer(document):
        for position in range(len(piece)):
            yield piece[position : position + 1]
            time.sleep(0.05)


def cut_short(document: dict) -> Iterable[bytes]:
    head, body = json_answer(document)
    yield from (head, body[:-20])


def with_amount(path: str, text: bytes) -> Nasty:
    def answer(document: dict) -> Iterable[bytes]:
        marked = json.dumps(changed(document, path, "here")).encode()
        return raw_answer(marked.replace(b'"here"', text))

    return Nasty(answer)


def with_extra(text: bytes) -> Nasty:
    """An honest answer, and in it a member that is not."""
    return Nasty(lambda document: raw_answer(json.dumps(document).encode()[:-1] + b', "extra": ' + text + b"}"))


AMOUNTS = {"tremendous": "order.rewards.0.value.denomination", "gift_codes": "cardInfo.value.amount"}


@functools.cache
def nasty_answers(provider: str = "tremendous") -> dict[str, Nasty]:
    """Answers to an order that was kept, each with the status in which it must leave the request. None may ship it."""
    lies = {"tremendous": tremendous_lies, "gift_codes": gift_code_lies}[provider]
    return wire_answers(AMOUNTS[provider]) | lies()


def wire_answers(amount: str) -> dict[str, Nasty]:
    """What is wrong whatever the format; ``amount`` is where an amount stands in it."""
    bomb = gzip.compress(b" " * 100_000_000)
    return {
        "nothing": saying(b""),
        "bad JSON": saying(b'{"order": '),
        "no object": saying(b"[]"),
        "null": saying(b"null"),
        "bad UTF-8": saying(b'{"order": "\xff\xfe"}'),
        "NaN": with_amount(amount, b"NaN"),
        "infinity": with_amount(amount, b"1e999999999999999999999"),
        "a number of a million digits": with_amount(amount, b"9" * 1_000_000),
        "the amount as text": with_amount(amount, b'"25.00"'),
        "the amount as true": with_amount(amount, b"true"),
        "wrong amount": lying(amount, 2500),
        "a cent too much": lying(amount, 25.01),
        "NaN beside the order": with_extra(b"NaN"),
        "deep nesting": saying(b"[" * 100_000 + b"]" * 100_000),
        "deep nesting beside the order": with_extra(b"[" * 500 + b"]" * 500),
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
        "no HTTP": Nasty(lambda document: [b"SSH-2.0-OpenSSH_9.2\r\n\r\n"]),
        "a thousand headers": Nasty(lambda document: [b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000, b"\r\n"]),
        "an endless header": Nasty(lambda document: [b"HTTP/1.1 200 OK\r\nX: ", b"y" * 100_000, b"\r\n\r\n"]),
        "429": saying(b"{}", status="429 Too Many Requests", left="unknown"),
        "500": saying(b"{}", status="500 Internal Server Error", left="unknown"),
        "503 packed": saying(b"", "Content-Encoding: gzip", status="503 Service Unavailable", left="unknown"),
        "slow drip": Nasty(dripping, "unknown"),
        "cut short": Nasty(cut_short, "unknown"),
        "dropped": Nasty(lambda document: [], "unknown"),
    }


def tremendous_lies() -> dict[str, Nasty]:
    reward = "order.rewards.0"
    return {
        "no order": lying("order", None),
        "wrong currency": lying(f"{reward}.value.currency_code", "EUR"),
        "wrong external id": lying("order.external_id", "AAAA-BBBB-CCCC"),
        "no external id": lying("order.external_id", None),
        "failed": lying("order.status", "FAILED"),
        "canceled": lying("order.status", "CANCELED"),
        "no reward": lying("order.rewards", []),
        "two rewards": Nasty(
            lambda document: json_answer(changed(document, "order.rewards", document["order"]["rewards"] * 2))
        ),
        "rewards of another kind": lying("order.rewards", ["gift"]),
        "by mail": lying(f"{reward}.delivery.method", "EMAIL"),
        "delivery failed": lying(f"{reward}.delivery.status", "FAILED"),
        "no link": lying(f"{reward}.delivery.link", None),
        "plain link": lying(f"{reward}.delivery.link", "http://gifts.example/1"),
        "script for a link": lying(f"{reward}.delivery.link", "javascript:alert(1)"),
        "link that no URL is": lying(f"{reward}.delivery.link", "https://[gifts"),
        "link with a zero byte": lying(f"{reward}.delivery.link", "https://gifts.example/\x00"),
        "link with half a letter": lying(f"{reward}.delivery.link", "https://gifts.example/\ud800"),
        "endless link": lying(f"{reward}.delivery.link", "https://gifts.example/" + "x" * 5000),
        "number with a zero byte": lying("order.id", "ORDER\x00"),
        "waits for approval": lying("order.status", "PENDING APPROVAL", "unknown"),
    }


def gift_code_lies() -> dict[str, Nasty]:
    """And the refusals that Amazon documents, by class and by what is to be done about them."""
    return {
        "wrong currency": lying("cardInfo.value.currencyCode", "EUR"),
        "wrong request id": lying("creationRequestId", "SpokeAAAABBBBCCCC"),
        "no request id": lying("creationRequestId", None),
        "no card": lying("cardInfo", None),
        "a card given back": lying("cardInfo.cardStatus", "RefundedToPurchaser"),
        "an expired card": lying("cardInfo.cardStatus", "Expired"),
        "failure at 200": lying("status", "FAILURE"),
        "no status": lying("status", None),
        "another status": lying("status", ["SUCCESS"]),
        "no code": lying("gcClaimCode", None),
        "a code with a tag": lying("gcClaimCode", "<script>alert(1)</script>"),
        "a code with a zero byte": lying("gcClaimCode", "ABCD-EFGHJK\x00"),
        "an endless code": lying("gcClaimCode", "A" * 5000),
        "a card's id with a zero byte": lying("gcId", "A2GCN9\x00"),
        "resend at 200": lying("status", "RESEND", "unknown"),
        "F200": refusal("F200", "InvalidAmountInput"),
        "F300": refusal("F300", "InsufficientFunds"),
        "F400": refusal("F400", "SystemTemporarilyUnavailable", "RESEND", left="unknown"),
        "F100": refusal("F100", "RequestError", left="unknown"),
        "F500": refusal("F500", "UnknownError", left="unknown"),
        "an unknown class": refusal("F900", "Surprise"),
        "a code that is none": refusal(["F400"], "Surprise"),
        "throttled": saying(
            b'{"__type": "com.amazon.coral.availability#ThrottlingException", "message": "Rate exceeded"}',
            status="400 Bad Request",
            left="unknown",
        ),
        "wrong signature": saying(b'{"message": "The request signature does not match"}', status="403 Forbidden"),
    }


def refusal(code: object, kind: str, status: str = "FAILURE", left: str = "needs_attention") -> Nasty:
    """As Amazon writes one."""
    inner = {"__type": "CreateGiftCardResponse:http://internal.amazon.com/coral/com.amazonaws.agcod/", "status": status}
    said = {
        "agcodResponse": inner,
        "errorCode": code,
        "errorType": kind,
        "message": "See https://a.example/ABCD-EFGHJK",
    }
    return Nasty(lambda document: json_answer(said, "400 Bad Request"), left)
