"""Login with Amazon as its developer guide describes it: consent, token, profile. One customer, who always agrees."""

import contextlib
import json
import secrets
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

CUSTOMER = {"user_id": "amzn1.account.K2LI23KL2LK2", "email": "mhashimoto@example.com", "name": "Mork Hashimoto"}
CLIENT_ID, SECRET = "amzn1.application-oa2-client.moments", "amzn-secret"


class Amazon(ThreadingHTTPServer):
    """``profile`` is what it tells; (status, type, body) in ``answers[path]`` is answered in its place."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.profile: dict = dict(CUSTOMER)
        self.answers: dict[str, tuple[int, str, bytes]] = {}
        self.codes: dict[str, str] = {}
        self.tokens: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Amazon

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        fields = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path in self.server.answers:
            self.answer(*self.server.answers[parts.path])
        elif parts.path == "/ap/oa":
            self.consent(fields)
        elif parts.path == "/user/profile":
            self.tell(fields)
        else:
            self.refuse(404, "not_found")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = {name: values[0] for name, values in parse_qs(body).items()}
        if self.path in self.server.answers:
            self.answer(*self.server.answers[self.path])
        elif self.path == "/auth/o2/token":
            self.exchange(fields)
        else:
            self.refuse(404, "not_found")

    def consent(self, fields: dict) -> None:
        if (fields["client_id"], fields["response_type"], fields["scope"]) != (CLIENT_ID, "code", "profile"):
            return self.refuse(400, "invalid_request")
        code = secrets.token_hex(10)
        self.server.codes[code] = fields["redirect_uri"]
        back = urlencode({"code": code, "scope": "profile", "state": fields["state"]})
        self.send_response(302)
        self.send_header("Location", f"{fields['redirect_uri']}?{back}")
        self.end_headers()

    def exchange(self, fields: dict) -> None:
        if (fields.get("client_id"), fields.get("client_secret")) != (CLIENT_ID, SECRET):
            return self.refuse(401, "invalid_client")
        if self.server.codes.pop(fields.get("code", ""), None) != fields.get("redirect_uri"):
            return self.refuse(400, "invalid_grant")
        token = f"Atza|{secrets.token_hex(10)}"
        self.server.tokens.add(token)
        self.say({"access_token": token, "refresh_token": "Atzr|x", "token_type": "bearer", "expires_in": 3600})

    def tell(self, fields: dict) -> None:
        if fields.get("access_token") not in self.server.tokens:
            return self.refuse(400, "invalid_token")
        self.say(self.server.profile)

    def say(self, what: dict, status: int = 200) -> None:
        self.answer(status, "application/json", json.dumps(what).encode())

    def refuse(self, status: int, error: str) -> None:
        self.say({"error": error, "error_description": "No."}, status)

    def answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_what: object) -> None:
        pass


@contextlib.contextmanager
def amazon_server() -> Iterator[Amazon]:
    with Amazon() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(5)
