"""Providers of gifts on loopback, that speak the wire formats of the real ones.

Tremendous here is the worst that a provider can be: without ``knows_numbers`` it takes a second order under the same
number.
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from campaigns.models import ClaimLimits
from redemption.models import FulfillmentRequest
from tests import make

KEY = "TEST_0123456789abcdef"


class Stub:
    """A server on loopback; what is kept of orders, and in which format it answers, is a subclass's."""

    provider: str
    number = "external_id"  # under which an order has ours

    def __init__(self) -> None:
        self.orders: list[dict] = []
        self.calls: list[tuple[str, str, dict, str]] = []
        self.placing: Callable[[dict], Iterable[bytes]] | None = None  # instead of the honest answer
        self.finding: Callable[[dict], Iterable[bytes]] | None = None
        self.hangs_up = False  # before it has read anything
        self.knows_numbers = False
        self.seconds = 0.0  # that placing takes
        handler = type("Handler", (Handler,), {"stub": self})
        self.server = type("Server", (Server,), {"stub": self})(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def end(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def count(self, method: str) -> int:
        return sum(call[0] == method for call in self.calls)

    def under(self, number: str) -> list[dict]:
        return [order for order in self.orders if order[self.number] == number]

    def posted(self, path: str, body: dict) -> Iterable[bytes]:
        raise NotImplementedError

    def got(self, path: str) -> Iterable[bytes]:
        raise NotImplementedError


class TremendousStub(Stub):
    provider = "tremendous"
    lists_links = True

    def posted(self, path: str, body: dict) -> Iterable[bytes]:
        if path.endswith("/generate_link"):
            name = path.split("/")[-2]
            return json_answer({"reward": {"id": name, "link": f"https://gifts.example/new/{name}"}})
        time.sleep(self.seconds)
        order = order_of(body, len(self.orders) + 1)
        if self.knows_numbers and self.under(order["external_id"]):
            return json_answer({"errors": {"message": "Duplicate external_id"}}, "409 Conflict")
        self.orders.append(order)
        return self.placing({"order": order}) if self.placing else json_answer({"order": order}, "201 Created")

    def got(self, path: str) -> Iterable[bytes]:
        (number,) = parse_qs(urlsplit(path).query)["external_id"]
        found = self.under(number)
        shown = found if self.lists_links else [without_link(order) for order in found]
        if self.finding:
            return self.finding({"order": found[0]} if found else {})
        return json_answer({"orders": shown, "total_count": len(shown)})


class AmazonStub(Stub):
    """Keeps its contract: the same request gets the same card, whose code nobody else has."""

    provider = "gift_codes"
    number = "creationRequestId"

    def posted(self, path: str, body: dict) -> Iterable[bytes]:
        operation = path.rpartition("/")[2]
        if operation == "GetAvailableFunds":
            return json_answer({"availableFunds": {"amount": 1234.5, "currencyCode": "USD"}, "status": "SUCCESS"})
        found = self.under(body["creationRequestId"])
        if operation == "CancelGiftCard":
            return self.canceled(found, body)
        time.sleep(self.seconds)
        if not found:
            self.orders.append(card_of(body, len(self.orders) + 1))
            found = self.orders[-1:]
        return self.placing(found[0]) if self.placing else json_answer(found[0])

    def canceled(self, found: list[dict], body: dict) -> Iterable[bytes]:
        if not found:
            said = {"agcodResponse": {"status": "FAILURE"}, "errorCode": "F200", "errorType": "RequestIdNotFound"}
            return json_answer(said, "400 Bad Request")
        found[0]["cardInfo"]["cardStatus"] = "RefundedToPurchaser"
        return json_answer({"creationRequestId": body["creationRequestId"], "gcId": "A1", "status": "SUCCESS"})


def card_of(asked: dict, number: int) -> dict:
    info = {"cardNumber": None, "cardStatus": "Fulfilled", "expirationDate": None, "value": asked["value"]}
    return {
        "cardInfo": info,
        "creationRequestId": asked["creationRequestId"],
        "gcClaimCode": f"{number:04}-GIFTS1-ABCD",
        "gcExpirationDate": None,
        "gcId": f"A{number}GCN9BRX5QS76",
        "status": "SUCCESS",
    }


class Server(ThreadingHTTPServer):
    daemon_threads = True
    stub: Stub

    def verify_request(self, request, client_address) -> bool:
        return not self.stub.hangs_up

    def handle_error(self, request, client_address) -> None:
        """The caller hung up first, which is what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stub: Stub

    def do_POST(self) -> None:
        self.answer(self.stub.posted(self.path, json.loads(self.note())))

    def do_GET(self) -> None:
        self.note()
        self.answer(self.stub.got(self.path))

    def note(self) -> str:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.stub.calls.append((self.command, self.path, dict(self.headers), body))
        return body

    def answer(self, raw: Iterable[bytes]) -> None:
        """And hang up: an answer of no bytes at all is a connection that drops."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            for piece in raw:
                self.wfile.write(piece)
                self.wfile.flush()

    def log_message(self, format, *args) -> None:
        pass


def order_of(asked: dict, number: int) -> dict:
    """What a provider makes of an order, as it then answers and lists it."""
    link = f"https://gifts.example/{number}"
    delivery = {"method": asked["reward"]["delivery"]["method"], "status": "SUCCEEDED", "link": link}
    reward = {"id": f"REWARD{number}", "value": asked["reward"]["value"], "delivery": delivery}
    return {
        "id": f"ORDER{number}",
        "external_id": asked["external_id"],
        "status": "EXECUTED",
        "payment": {"subtotal": 25.0, "total": 25.0, "fees": 0.0},
        "rewards": [reward],
    }


def without_link(order: dict) -> dict:
    return changed(order, "rewards.0.delivery", {"method": "LINK", "status": "SUCCEEDED"})


def raw_answer(body: bytes, status: str = "200 OK", kind: str = "application/json", *more: str) -> Iterable[bytes]:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *more]
    if kind:
        head.append(f"Content-Type: {kind}")
    yield "\r\n".join([*head, "", ""]).encode()
    for start in range(0, len(body), 65536):
        yield body[start : start + 65536]


def json_answer(document: object, status: str = "200 OK") -> Iterable[bytes]:
    return raw_answer(json.dumps(document).encode(), status)


def changed(order: dict, path: str, value: object) -> dict:
    """A copy with ``rewards.0.value.denomination``, say, set to ``value``."""
    copy = json.loads(json.dumps(order))
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    inner = copy
    for step in way:
        inner = inner[step]
    inner[last] = value
    return copy


def ordered(customer=None, *, provider: str = "tremendous", campaign=None) -> FulfillmentRequest:
    """The request of a fresh order, $25.00; of a campaign of its own, or of one that offers such a gift."""
    campaign = campaign or gift_campaign(provider)
    order = make.order(make.reward(campaign), by=customer or make.customer())
    return FulfillmentRequest.objects.get(order=order)


def gift_campaign(provider: str):
    gift = make.product(2500, kind="digital", fulfillment=provider, stock_units=1000)
    made = make.campaign(products=[gift])
    ClaimLimits.objects.create(campaign=made, accounts_per_address=0)
    return made


def state(request: FulfillmentRequest) -> tuple[str, str]:
    """Of the request and of its order."""
    request.refresh_from_db()
    request.order.refresh_from_db()
    return request.status, request.order.status
