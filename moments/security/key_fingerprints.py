"""Detection of missing keys by digests that are stored in the database at their first use."""

import datetime as dt
from hashlib import sha256

from django.conf import settings

from moments.errors import RuleViolation
from moments.installation.demo_guard import has_table
from moments.models import KeyFingerprint

SECRET, TOKEN = KeyFingerprint.Name.SECRET, KeyFingerprint.Name.TOKEN
Key = tuple[str, int, str]  # setting, version of a token key, digest


def key_fingerprint(name: str, version: int, key: str) -> str:
    return sha256(f"moments fingerprint:{name}:{version}:{key}".encode()).hexdigest()


def given_keys() -> set[Key]:
    """Return the keys in the settings of this process."""
    secrets = {(0, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)}
    given = [(SECRET, version, key) for version, key in secrets]
    given += [(TOKEN, version, key) for version, key in settings.TOKEN_KEYS.items()]
    return {(name.value, version, key_fingerprint(name, version, key)) for name, version, key in given}


def missing_keys() -> list[KeyFingerprint]:
    """Return keys that the database was used with and that the settings lack."""
    if not has_table("moments_keyfingerprint"):
        return []
    given = given_keys()
    kept = KeyFingerprint.objects.filter(retired_at=None)
    return [key for key in kept if (key.name, key.version, key.digest) not in given]


def key_problems() -> list[str]:
    """Return a sentence for each missing or different key that explains how to fix it."""
    return [sentence_about(key) for key in missing_keys()]


def sentence_about(key: KeyFingerprint) -> str:
    known = f"fingerprint {key.digest[:8]}, first used on {key.first_used_at:%Y-%m-%d}"
    restore = "If secrets.json of the data folder held it, restore that file from the backup."
    if key.name == SECRET:
        return (
            f"A secret key is missing ({known}): MOMENTS_SECRET_KEY is a different key, and what this one sealed "
            f"cannot be read. Add the missing key to MOMENTS_SECRET_KEY_FALLBACKS. {restore}"
        )
    if key.version in settings.TOKEN_KEYS:
        return (
            f"Version {key.version} of MOMENTS_TOKEN_KEYS differs from the key that issued rewards ({known}). Put the "
            f"original key back as {key.version}:KEY, and give a new key a higher version. {restore}"
        )
    return (
        f"Version {key.version} of MOMENTS_TOKEN_KEYS is missing ({known}). Add it again as {key.version}:KEY beside "
        f"the others. {restore}"
    )


def record_keys(*, now: dt.datetime) -> None:
    """Store the digests of new keys. Raises ``RuleViolation`` if a known key is missing."""
    if problems := key_problems():
        raise RuleViolation("keys_differ", "\n".join(problems))
    rows = [
        KeyFingerprint(name=name, version=version, digest=digest, first_used_at=now)
        for name, version, digest in sorted(given_keys())
    ]
    KeyFingerprint.objects.bulk_create(rows, ignore_conflicts=True)


def retire_key(start: str, *, now: dt.datetime) -> KeyFingerprint:
    """Stop requiring the key with this fingerprint prefix. Anything encrypted or signed with it is lost."""
    found = list(KeyFingerprint.objects.filter(digest__startswith=start.strip().lower(), retired_at=None))
    if len(start.strip()) < 8 or len(found) != 1:
        raise RuleViolation("unknown_key", f"No key in use has the fingerprint {start}; type its first 8 characters.")
    key = found[0]
    if (key.name, key.version, key.digest) in given_keys():
        raise RuleViolation("key_in_use", f"{key} is among the settings. Remove it there first.")
    key.retired_at = now
    key.save(update_fields=["retired_at"])
    return key
