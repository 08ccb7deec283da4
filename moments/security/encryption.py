"""Encryption of texts with the installation's key, so that the database alone does not reveal them."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class DecryptionError(Exception):  # noqa: N818
    """Raised if the text was encrypted with an unknown key or for another purpose."""


def encrypt(text: str, *, purpose: str) -> str:
    """Return the encrypted text in printable form, different at every call. It can be decrypted for the same purpose
    only.
    """
    return _keys(purpose).encrypt(text.encode()).decode()


def decrypt(sealed: str, *, purpose: str) -> str:
    try:
        return _keys(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise DecryptionError from None


def _keys(purpose: str) -> MultiFernet:
    """Return ciphers for the secret key and the former ones."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(urlsafe_b64encode(sha256(f"{purpose}:{key!s}".encode()).digest())) for key in keys])
