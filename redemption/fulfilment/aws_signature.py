"""AWS Signature Version 4 of one request that has no query, as Amazon publishes it."""

import datetime as dt
import hmac
from hashlib import sha256
from urllib.parse import urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"


def signed_headers(
    method: str,
    url: str,
    *,
    headers: dict[str, str],
    body: str,
    access_key: str,
    secret_key: str,
    region: str,
    service: str,
    at: dt.datetime,
) -> dict[str, str]:
    """``headers`` with the instant and the signature added, all of them signed. ``Host`` is theirs to name."""
    stamp = f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    dated = {**headers, "X-Amz-Date": stamp}
    named = {name.lower(): " ".join(value.split()) for name, value in dated.items()}
    names = ";".join(sorted(named))
    lines = [f"{name}:{named[name]}" for name in sorted(named)]
    canonical = "\n".join([method, urlsplit(url).path or "/", "", *lines, "", names, _digest(body)])
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    to_sign = "\n".join([ALGORITHM, stamp, scope, _digest(canonical)])
    signature = _mac(_key(secret_key, scope), to_sign).hex()
    credential = f"Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**dated, "Authorization": f"{ALGORITHM} {credential}"}


def _key(secret_key: str, scope: str) -> bytes:
    """Of a day, a region and a service; from it nobody learns the secret."""
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = _mac(key, part)
    return key


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), sha256)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
