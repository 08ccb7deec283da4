"""Texts that are kept sealed with the installation's key: whoever reads the database alone reads nothing."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class DecryptionError(Exception):  # noqa: N818
    """Not sealed with a key of this installation, or for another purpose."""


def encrypt(text: str, *, purpose: str) -> str:
    """Printable; another one at every call. It opens for the same purpose alone."""
    return _keys(purpose).encrypt(text.encode()).decode()


def decrypt(sealed: str, *, purpose: str) -> str:
    try:
        return _keys(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise DecryptionError from None


def _keys(purpose: str) -> MultiFernet:
    """Of the secret key, and of those before it."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(urlsafe_b64encode(sha256(f"{purpose}:{key!s}".encode()).digest())) for key in keys])
