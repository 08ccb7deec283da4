"""Decides between demo and live. The demo has a public mailbox and a known password, so it must never contain real
data.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

PASSWORD = "moments-demo-2026"  # noqa: S105 - printed on the terminal and valid in the demo only
ACCOUNTS = ("ada@example.com", "kim@example.com", "staff@example.com", "sam@example.org", "mia@exmaple.com")
PLAYERS = r"^player[0-9]+@example\.net$"
LIVE_STRIPE_KEYS = ("sk_live_", "rk_live_")
TABLES = ("moments_demomark", "accounts_user", "moments_keyfingerprint", "moments_livemark")
YES, NO = {"1", "true", "yes"}, {"0", "false", "no"}


@dataclass(frozen=True)
class DatabaseUse:
    """Facts about the earlier use of a database."""

    has_demo_mark: bool = False
    has_accounts: bool = False
    has_fingerprints: bool = False
    has_live_mark: bool = False


@dataclass(frozen=True)
class Decision:
    is_demo: bool
    reason: str


def is_loopback(host: str | None) -> bool:
    """Return whether ``host`` is ``localhost`` or a loopback address."""
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
    """Return the earlier use of the database. Called by the launcher before Django is set up; tables may be missing."""
    import dj_database_url  # noqa: PLC0415 - slow imports that settings do not need
    import psycopg  # noqa: PLC0415

    parsed: dict[str, Any] = {**dj_database_url.parse(url)}
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    given = {to: parsed[name] for name, to in names.items() if parsed.get(name)} | parsed.get("OPTIONS", {})
    with psycopg.connect(**given, connect_timeout=10) as database:
        return DatabaseUse(*(has_rows(database, table) for table in TABLES))


def has_rows(database: Any, table: str) -> bool:
    if database.execute("SELECT to_regclass(%s)", [table]).fetchone()[0] is None:
        return False
    return database.execute(f"SELECT EXISTS (SELECT FROM {table})").fetchone()[0]  # noqa: S608 - a constant


def asked_for(environ: Mapping[str, str]) -> bool | None:
    """Return the value of ``MOMENTS_DEMO``; None if it is not set."""
    text = environ.get("MOMENTS_DEMO", "").strip().lower()
    return True if text in YES else False if text in NO else None


def why_live(environ: Mapping[str, str], use: DatabaseUse, *, has_demo_files: bool) -> str:
    """Return the first reason for a live installation if ``MOMENTS_DEMO`` is not set; empty if there is none.

    ``has_demo_files`` is set if the demo ran in this data folder, possibly before databases were marked.
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
    """Return why the demo may not run at these addresses; empty if it may."""
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
