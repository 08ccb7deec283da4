"""What a stored body must not contain: keys, tokens, links, email addresses."""

import json
import re
from typing import Any

from moments.security.log_redaction import redact_secrets

MAX_BODY = 4_000  # characters that are kept of a body
LETTER = r"[^\s\"'<>(),:;@\\/?&=%]"  # of an email address
# Begins where a word begins and gives nothing back: a long word without an @ is read once, not once for each letter.
EMAIL = re.compile(rf"(?<!{LETTER}){LETTER}++(?:@|\\u0040|%40){LETTER}+", re.IGNORECASE)
MASK = "(masked)"
MASKED_MEMBERS = frozenset({"email", "codes"})  # of JSON objects, whatever their texts are


def masked_body(body: bytes, size: int) -> str:
    """Return a body as text without secrets and email addresses. ``size`` is the length of the whole body in bytes,
    of which ``body`` may be the beginning.
    """
    text = body.decode("utf-8", "replace").replace("\x00", "\ufffd")
    if len(body) == size:
        try:
            text = json.dumps(without_secrets(json.loads(text)), ensure_ascii=False)
        except (ValueError, RecursionError):
            text = mask_text(text)
    else:
        text = mask_text(text)
    if len(text) > MAX_BODY or len(body) < size:
        return f"{text[:MAX_BODY]}… ({size} bytes)"
    return text


def without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            mask_text(name): MASK if is_personal(name, item) else without_secrets(item) for name, item in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return mask_text(value) if isinstance(value, str) else value


def is_personal(name: str, value: Any) -> bool:
    """Whether a member is masked whole; the status of an email, an object, is not."""
    return name.lower() in MASKED_MEMBERS and isinstance(value, str | list) and bool(value)


def mask_text(text: str) -> str:
    """Mask keys, tokens, and addresses within a text, also where they are escaped for JSON or a URL."""
    if any(sign in text.lower() for sign in ("mk_", "/", "%2f")):  # most texts have none, and patterns take longer
        text = redact_secrets(text)
    if any(sign in text for sign in ("@", "0040", "%40")):
        text = EMAIL.sub(MASK, text)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
