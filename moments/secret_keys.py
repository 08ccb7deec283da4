"""Secrets of an installation that was not given any: made once, kept in its data folder, readable by its owner."""

import json
import os
import pathlib
import secrets

from django.core.exceptions import ImproperlyConfigured


def ensure_secrets(data_dir: pathlib.Path) -> dict[str, str]:
    """``MOMENTS_SECRET_KEY`` and ``MOMENTS_TOKEN_KEYS`` of ``data_dir/secrets.json``, made if they are not there."""
    path = data_dir / "secrets.json"
    if not path.exists():
        made = {
            "MOMENTS_SECRET_KEY": secrets.token_urlsafe(48),
            "MOMENTS_TOKEN_KEYS": f"1:{secrets.token_urlsafe(32)}",
        }
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(made, file)
    return json.loads(path.read_text())


def kept_secrets(data_dir: pathlib.Path) -> dict[str, str]:
    """What ``ensure_secrets`` made, or nothing."""
    try:
        return json.loads((data_dir / "secrets.json").read_text())
    except (OSError, ValueError):
        return {}


def token_keys(text: str) -> dict[int, str]:
    """``"1:first,2:second"`` → ``{1: "first", 2: "second"}``; the highest version signs what is new."""
    keys = {}
    for part in text.split(","):
        version, _, key = part.strip().partition(":")
        if not version.isdigit() or len(key) < 32:
            raise ImproperlyConfigured("MOMENTS_TOKEN_KEYS takes VERSION:KEY,…, each key 32 characters or more.")
        keys[int(version)] = key
    return keys
