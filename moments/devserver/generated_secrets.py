"""Generated secrets of an installation without configured ones, stored in its data folder with owner-only access."""

import json
import os
import pathlib
import secrets
from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

NAMES = ("MOMENTS_SECRET_KEY", "MOMENTS_TOKEN_KEYS")


def ensure_secrets(data_dir: pathlib.Path, *, may_make: bool = True) -> None:
    """Create ``data_dir/secrets.json`` if it is missing. Raises ``ImproperlyConfigured`` if ``may_make`` is False."""
    path = data_dir / "secrets.json"
    if path.exists():
        return
    if not may_make:
        raise ImproperlyConfigured(
            f"The keys of this installation are missing: its database was written with other keys, but {path} is not "
            f"there, and {' and '.join(NAMES)} are not set. Restore that file from the backup, or set both."
        )
    made = {"MOMENTS_SECRET_KEY": secrets.token_urlsafe(48), "MOMENTS_TOKEN_KEYS": f"1:{secrets.token_urlsafe(32)}"}
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(made, file)


def are_given(environ: Mapping[str, str]) -> bool:
    """Return whether the environment sets both keys. Raises ``ImproperlyConfigured`` if only one is set."""
    missing = [name for name in NAMES if not environ.get(name, "").strip()]
    if len(missing) == 1:
        (given,) = set(NAMES) - set(missing)
        raise ImproperlyConfigured(f"{given} is set and {missing[0]} is not. Set both, or neither.")
    return not missing


def chosen_keys(data_dir: pathlib.Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return both keys from the environment or both from the data folder, never one of each; empty without keys."""
    return {name: environ[name].strip() for name in NAMES} if are_given(environ) else kept_secrets(data_dir)


def kept_secrets(data_dir: pathlib.Path) -> dict[str, str]:
    """Return the content of ``secrets.json``, or nothing."""
    try:
        return json.loads((data_dir / "secrets.json").read_text())
    except (OSError, ValueError):
        return {}


def token_keys(text: str) -> dict[int, str]:
    """Parse ``"1:first,2:second"`` to ``{1: "first", 2: "second"}``; the highest version signs new tokens."""
    keys = {}
    for part in text.split(","):
        version, _, key = part.strip().partition(":")
        if not version.isdigit() or len(key) < 32:
            raise ImproperlyConfigured("MOMENTS_TOKEN_KEYS takes VERSION:KEY,…, each key 32 characters or more.")
        keys[int(version)] = key
    return keys
