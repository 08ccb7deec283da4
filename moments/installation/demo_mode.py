"""Demo or live? The demo has a mailbox that anybody can read and a known password, so it must never hold real data."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

PASSWORD = "moments-demo-2026"  # noqa: S105 - printed on the terminal; only a demo database may hold it
ACCOUNTS = ("ada@example.com", "kim@example.com", "staff@example.com", "sam@example.org", "mia@exmaple.com")
PLAYERS = r"^player[0-9]+@example\.net$"
LIVE_STRIPE_KEYS = ("sk_live_", "rk_live_")
TABLES = ("moments_demomark", "accounts_user", "moments_keyfingerprint", "moments_livemark")
YES, NO = {"1", "true", "yes"}, {"0", "false", "no"}


@dataclass(frozen=True)
class DatabaseUse:
    """What a database has been used for so far."""

    has_demo_mark: bool = False
    has_accounts: bool = False
    has_fingerprints: bool = False
    has_live_mark: bool = False


@dataclass(frozen=True)
class Decision:
    is_demo: bool
    reason: str


def is_loopback(host: str | None) -> bool:
    """``localhost`` and the addresses that no other machine can reach."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address((host or "").strip("[]")).is_loopback
    except ValueError:
        return False


def is_loopback_url(url: str) -> bool:
    try:
        return is_loopback(urlsplit(url).hostname)
    except ValueError:
        return False


def use_of(url: str) -> DatabaseUse:
    """Asked by the launcher, before anything of Django runs. The tables may not be there yet."""
    import dj_database_url  # noqa: PLC0415 - these take a moment, and settings need neither
    import psycopg  # noqa: PLC0415

    parsed: dict[str, Any] = {**dj_database_url.parse(url)}
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    given = {to: parsed[name] for name, to in names.items() if parsed.get(name)} | parsed.get("OPTIONS", {})
    with psycopg.connect(**given, connect_timeout=10) as database:
        return DatabaseUse(*(has_rows(database, table) for table in TABLES))


def has_rows(database: Any, table: str) -> bool:
    if database.execute("SELECT to_regclass(%s)", [table]).fetchone()[0] is None:
        return False
    return database.execute(f"SELECT EXISTS (SELECT FROM {table})").fetchone()[0]  # noqa: S608 - one of ours


def asked_for(environ: Mapping[str, str]) -> bool | None:
    """What ``MOMENTS_DEMO`` says; None where it is not set."""
    text = environ.get("MOMENTS_DEMO", "").strip().lower()
    return True if text in YES else False if text in NO else None


def why_live(environ: Mapping[str, str], use: DatabaseUse, *, has_demo_files: bool) -> str:
    """The first fact that makes this a live installation where ``MOMENTS_DEMO`` is not set; empty where there is none.

    ``has_demo_files`` says that the demo has run in this data folder, if before databases were marked.
    """
    if not is_loopback_url(environ.get("MOMENTS_BASE_URL", "")):
        return "MOMENTS_BASE_URL is an address that others can reach"
    if not is_loopback(environ.get("HOST", "localhost")):
        return "HOST is an address that others can reach"
    if environ.get("STRIPE_SECRET_KEY", "").startswith(LIVE_STRIPE_KEYS):
        return "STRIPE_SECRET_KEY is a live key"
    if use.has_demo_mark:
        return ""
    if environ.get("SMTP_URL", "").strip():
        return "SMTP_URL is set"
    if environ.get("DATABASE_URL", "").strip():
        return "DATABASE_URL names a database that the demo has not used"
    if use.has_accounts and not has_demo_files:
        return "the database holds accounts that the demo did not make"
    if use.has_live_mark:
        return "a live installation has used this database"
    return ""


def decide(environ: Mapping[str, str], use: DatabaseUse, *, has_demo_files: bool) -> Decision:
    asked = asked_for(environ)
    if asked is not None:
        return Decision(asked, f"MOMENTS_DEMO={environ['MOMENTS_DEMO'].strip()}")
    reason = why_live(environ, use, has_demo_files=has_demo_files)
    return Decision(not reason, reason or "only this machine can reach it, and the database is the demo's")


def why_not_demo(base_url: str, host: str) -> str:
    """Why the demo may not run at these addresses; empty where it may."""
    wrong = []
    if not is_loopback_url(base_url):
        wrong.append(f"MOMENTS_BASE_URL is {base_url}")
    if not is_loopback(host):
        wrong.append(f"HOST is {host}")
    if not wrong:
        return ""
    return (
        "The demo has a mailbox that anybody can read and accounts with known passwords, so it runs on this machine "
        f"only, but {' and '.join(wrong)}. Set MOMENTS_DEMO=0 for a live installation."
    )
