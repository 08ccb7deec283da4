"""Signing in by a link that is mailed: good once, for a quarter of an hour, in whichever browser it is opened."""

import datetime as dt
import secrets
from contextlib import suppress

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.db.models import Case, Q, Value, When

from accounts.models import SignInLink, User
from accounts.organizations.emails import mail_sign_in_link
from accounts.organizations.service import secret_digest
from accounts.privacy.user_lock import try_lock_active_user

MINUTES = 15
LONGEST_PATH = 500


def owner_of(email: str) -> User | None:
    """Whose login it is, or whose further address, if confirmed: anybody may claim one that is not."""
    confirmed = Q(emailaddress__email=email, emailaddress__verified=True)
    users = User.objects.filter(Q(email=email) | confirmed)
    return users.order_by(Case(When(confirmed, then=Value(0)), default=Value(1)), "pk").first()


def make_link(email: str, *, then: str, now: dt.datetime) -> tuple[SignInLink, str]:
    """A link for whoever has ``email``, and its secret: 192 random bits. ``then`` is a path of ours, or empty."""
    secret = secrets.token_urlsafe(24)
    with transaction.atomic():
        owner = owner_of(email)
        is_held = try_lock_active_user(owner or User(pk=0))  # of a stranger it is asked too: both take as long
        link = SignInLink.objects.create(
            user=owner if is_held else None,
            email=email if is_held or not owner else "",  # nothing names somebody who is erased at the same moment
            digest=secret_digest(secret),
            then=then if len(then) <= LONGEST_PATH else "",
            created_at=now,
            expires_at=now + dt.timedelta(minutes=MINUTES),
        )
    return link, secret


def send_link(email: str, *, then: str, now: dt.datetime) -> None:
    """Make a link and mail it, both or neither."""
    with transaction.atomic():
        link, secret = make_link(email, then=then, now=now)
        mail_sign_in_link(link, secret, to=email)


def find_link(secret: str, *, now: dt.datetime) -> SignInLink | None:
    """One that is still good."""
    links = SignInLink.objects.exclude(email="").filter(used_at=None, expires_at__gt=now).select_related("user")
    return links.filter(digest=secret_digest(secret)).first()


def path_of(secret: str) -> str:
    """Where a link led, good or not: whoever comes too late does not lose the way."""
    return SignInLink.objects.filter(digest=secret_digest(secret)).values_list("then", flat=True).first() or ""


def use_link(link: SignInLink, *, now: dt.datetime) -> bool:
    """Whether it was good until now. Of two who come at once, one is let in."""
    return bool(SignInLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now).update(used_at=now))


def redeem_link(link: SignInLink, *, language: str, now: dt.datetime) -> User | None:
    """Whom it lets in; of an address that still has no account, a new one. Nobody where it is no longer good."""
    with transaction.atomic():
        if not use_link(link, now=now):
            return None
        return link.user or find_or_create_account(link.email, language=language)


def find_or_create_account(email: str, *, language: str) -> User | None:
    """For whoever has the mailbox. Of two links that are used at once, the second finds what the first created."""
    with suppress(IntegrityError), transaction.atomic():
        return owner_of(email) or create_account(email, language=language)
    return owner_of(email)


def create_account(email: str, *, language: str) -> User:
    """Without a password or a name; both can be added later."""
    user = User.objects.create_user(email, language=language)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def creates_account(link: SignInLink) -> bool:
    """As far as can be seen before it is used."""
    return link.user is None and owner_of(link.email) is None


def unconfirmed_address(user: User, email: str) -> EmailAddress | None:
    """The address that a link was mailed to, where opening it is the first sign that it is the user's."""
    address, _made = EmailAddress.objects.get_or_create(user=user, email=email)
    return None if address.verified else address


def revoke_unverified_credentials(user: User) -> bool:
    """The owner of an address comes for the first time: whoever made the account before may have been somebody else.

    Nothing of an account that has a confirmed address. Whether a password was dropped.
    """
    if EmailAddress.objects.filter(user=user, verified=True).exists():
        return False
    SocialAccount.objects.filter(user=user).delete()
    had_password = user.has_usable_password()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    return had_password


def forget_old_links(*, now: dt.datetime) -> int:
    """A day after they ended."""
    return SignInLink.objects.filter(expires_at__lte=now - dt.timedelta(days=1)).delete()[0]
