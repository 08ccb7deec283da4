"""Calls as an app's server and a browser make them, one connection each, with nothing followed and nothing retried."""

import http.client
import json
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode


@dataclass
class Answer:
    """``status`` 0: the connection was lost, and nobody knows what happened."""

    status: int
    body: bytes = b""
    headers: dict = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)

    @property
    def json(self) -> dict:
        return json.loads(self.body)

    @property
    def location(self) -> str:
        return self.headers.get("location", "")


def call(port: int, method: str, path: str, body: bytes | None = None, *, timeout: float = 60, **headers) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, {"Host": f"localhost:{port}", **headers})
        answer = connection.getresponse()
        found = answer.getheaders()
        cookies = [value.partition(";")[0] for name, value in found if name.lower() == "set-cookie"]
        return Answer(answer.status, answer.read(), {name.lower(): value for name, value in found}, cookies)
    except (TimeoutError, OSError, http.client.HTTPException):
        return Answer(0)
    finally:
        connection.close()


@dataclass(frozen=True)
class App:
    """A campaign as ``make_campaign`` printed it, called with its key."""

    port: int
    made: dict

    def call(self, name: str = "GetReward", *, timeout: float = 60, **extra) -> Answer:
        body = {key: self.made[key] for key in ("appId", "campaignId", "momentId", "rewardGroupId")}
        data = json.dumps({**body, "deviceType": "Web", **extra}).encode()
        headers = {"x-api-key": self.made["apiKey"], "Content-Type": "application/json"}
        return call(self.port, "POST", f"/prod/{name}", data, timeout=timeout, **headers)

    def insist(self, **extra) -> Answer:
        """Turned away (503, nothing done) where a crowd queues, it comes again, as ``Retry-After`` says."""
        for _try in range(5):
            answer = self.call(**extra)
            if answer.status != 503:
                break
            time.sleep(int(answer.headers["retry-after"]))
        return answer


def outcome(answer: Answer) -> str:
    """issued, replayed or preview are all 200: ``ok``; else the refusal's code, or the bare status."""
    if answer.status == 200:
        return "ok"
    try:
        return answer.json.get("errorCode") or str(answer.status)
    except ValueError:
        return str(answer.status)


@dataclass(frozen=True)
class Browser:
    """A customer who is signed in: a session made beforehand."""

    port: int
    session: str

    def send(self, method: str, path: str, *, cookies: list[str] = (), **form) -> Answer:
        token = "a" * 32
        jar = "; ".join([f"sessionid={self.session}", f"csrftoken={token}", *cookies])
        headers = {"Cookie": jar, "X-CSRFToken": token}
        data = urlencode(form).encode() if method == "POST" else None
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return call(self.port, method, path, data, **headers)

    def open(self, url: str) -> str:
        """The path of the reward's page."""
        answer = self.send("GET", url[url.index("/r/") :])
        assert answer.status == 303, answer
        return answer.location
