"""The code or link of a digital order, encrypted in its row."""

from moments.security.encryption import decrypt, encrypt
from redemption.models import Order


def encrypted_content(order: Order, content: str) -> str:
    """Return ``content`` encrypted for this order; it cannot be decrypted with another order's number."""
    return encrypt(content, purpose=_purpose(order)) if content else ""


def content_of(order: Order) -> str:
    """Return the decrypted code or link; empty if there is none. Raises ``DecryptionError`` if its key is gone."""
    return decrypt(order.encrypted_content, purpose=_purpose(order)) if order.encrypted_content else ""


def _purpose(order: Order) -> str:
    return f"content of order {order.number}"
