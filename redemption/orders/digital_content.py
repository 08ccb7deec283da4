"""The code or link that is the gift: sealed in its order's row, opened for its customer alone."""

from moments.security.encryption import decrypt, encrypt
from redemption.models import Order


def encrypted_content(order: Order, content: str) -> str:
    """As the row keeps it. Copied into another order's row it does not open."""
    return encrypt(content, purpose=_purpose(order)) if content else ""


def content_of(order: Order) -> str:
    """In clear; empty where there is none. ``SealBroken`` where the key it was sealed with is gone."""
    return decrypt(order.encrypted_content, purpose=_purpose(order)) if order.encrypted_content else ""


def _purpose(order: Order) -> str:
    return f"content of order {order.number}"
