"""Checks before a start: the demo must not use real data, and a live installation must not have the demo's accounts."""

import datetime as dt

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password, is_password_usable
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Q

from moments.errors import RuleViolation
from moments.installation import demo_mode
from moments.models import DemoMark, LiveMark

NEW_START = "Choose another DATABASE_URL or MOMENTS_DATA_DIR, or forget all data with `make reset`."

EARLIER_MIGRATION = {"app": "rewards", "name": "0002_issue"}  # from before migrations were squashed to one per app
EARLIER_VERSION = (
    "An earlier version of Moments made this database, and this version cannot migrate it. To start over, run "
    "`make reset`: it deletes the embedded database and all data in it, with uploaded pictures and keys. To keep the "
    "data, or if DATABASE_URL names a server of your own, choose another DATABASE_URL or MOMENTS_DATA_DIR."
)


def has_table(name: str) -> bool:
    """Return whether the table exists; before the first migration none does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        return cursor.fetchone()[0]


def has_demo_mark() -> bool:
    return has_table("moments_demomark") and DemoMark.objects.exists()


def has_live_mark() -> bool:
    return has_table("moments_livemark") and LiveMark.objects.exists()


def is_demo() -> bool:
    """Return whether the setting, a loopback address and the mark in the database all indicate the demo."""
    return settings.DEMO and demo_mode.is_loopback_url(settings.BASE_URL) and has_demo_mark()


def demo_accounts() -> list[str]:
    """Return the addresses of accounts that have the demo's known password."""
    made = Q(email__in=demo_mode.ACCOUNTS) | Q(email__regex=demo_mode.PLAYERS)
    found = get_user_model()._default_manager.filter(made).order_by("-is_staff", "pk").values_list("email", "password")
    return [email for email, password in found if is_demo_password(password)]


def is_demo_password(encoded: str) -> bool:
    return is_password_usable(encoded) and check_password(demo_mode.PASSWORD, encoded)


def why_demo_may_not_use_it() -> str:
    """Return why the demo may not use this database; empty if it has the demo's mark, or only demo accounts and no live
    mark.
    """
    if has_demo_mark() or not has_table("accounts_user"):
        return ""
    people = get_user_model()._default_manager
    strangers = people.exclude(email__in=demo_accounts()).count()
    if not strangers and not has_live_mark():
        return ""
    if not strangers:
        return (
            "A live installation has used this database, so the demo will not use it: anybody could read its mail. "
            f"Set MOMENTS_DEMO=0 to run it as a live installation. For the demo: {NEW_START}"
        )
    accounts = "1 account" if strangers == 1 else f"{strangers} accounts"
    return (
        f"This database has {accounts} that the demo did not make, so the demo will not use it: anybody could read "
        f"its mail. Set MOMENTS_DEMO=0 to run it as a live installation. For the demo: {NEW_START}"
    )


def why_it_may_not_be_live() -> str:
    """Return why this database cannot be used live; empty if no account has a known password."""
    if has_demo_mark():
        return (
            "The demo has used this database: it holds accounts with known passwords, so it cannot become a live "
            f"installation. {NEW_START} To go on with the demo, set MOMENTS_DEMO=1."
        )
    if has_table("accounts_user") and (known := demo_accounts()):
        return (
            f"The demo's known password opens these accounts: {', '.join(known[:10])}. Close them with "
            "`make manage ARGS=close_demo_accounts`, then start again."
        )
    return ""


def why_it_cannot_be_migrated() -> str:
    """Return why the database cannot be migrated; empty if it is new or was created by these migrations."""
    applied = MigrationRecorder(connection).migration_qs
    return EARLIER_VERSION if has_table("django_migrations") and applied.filter(**EARLIER_MIGRATION).exists() else ""


def why_it_may_not_start() -> str:
    if reason := why_it_cannot_be_migrated():
        return reason
    if settings.DEMO:
        return demo_mode.why_not_demo(settings.BASE_URL, settings.HOST) or why_demo_may_not_use_it()
    return why_it_may_not_be_live()


class NotTheDemo(RuleViolation):
    """Raised if accounts with known passwords would be created outside the demo."""

    def __init__(self, message: str) -> None:
        super().__init__("not_the_demo", message)


def require_demo() -> None:
    """Raise ``NotTheDemo`` unless this is the demo. Must be called before accounts with known passwords are created."""
    if not settings.DEMO:
        raise NotTheDemo("This is not the demo: MOMENTS_DEMO=1 is not set. Nothing was changed.")
    if reason := why_it_may_not_start():
        raise NotTheDemo(reason)


def mark_demo(*, now: dt.datetime) -> None:
    """Mark the database as the demo's. Raises ``NotTheDemo`` if that is not allowed."""
    require_demo()
    DemoMark.objects.get_or_create(id=1, defaults={"marked_at": now})


def mark_live(*, now: dt.datetime) -> None:
    """Mark the database as a live installation's, even before its first account."""
    LiveMark.objects.get_or_create(id=1, defaults={"marked_at": now})


def close_demo_accounts() -> list[str]:
    """Remove password, operator rights and sessions of the demo's accounts. Returns their addresses."""
    people = get_user_model()._default_manager
    closed = demo_accounts()
    with transaction.atomic():
        for user in people.filter(email__in=closed):
            user.set_unusable_password()  # also ends the sessions
            user.is_staff = user.is_superuser = user.is_active = False
            user.save(update_fields=["password", "is_staff", "is_superuser", "is_active"])
    return closed
