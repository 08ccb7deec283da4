"""Secrets of an installation that was not given any: made once, kept in its data folder, readable by its owner."""

import json
import os
import pathlib
import secrets
from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

NAMES = ("MOMENTS_SECRET_KEY", "MOMENTS_TOKEN_KEYS")


def ensure_secrets(data_dir: pathlib.Path, *, may_make: bool = True) -> None:
    """Make ``data_dir/secrets.json`` where it is missing; without ``may_make`` that is refused."""
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
    """Both keys by the environment. One alone is refused: a key of the file must never stand in for a lost one."""
    missing = [name for name in NAMES if not environ.get(name, "").strip()]
    if len(missing) == 1:
        (given,) = set(NAMES) - set(missing)
        raise ImproperlyConfigured(f"{given} is set and {missing[0]} is not. Set both, or neither.")
    return not missing


def chosen_keys(data_dir: pathlib.Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Those of the environment, or those of the data folder; never one of each. Empty where there are none."""
    return {name: environ[name].strip() for name in NAMES} if are_given(environ) else kept_secrets(data_dir)


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
