"""Suppressed addresses: emails to them are held until the address is corrected or works again."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.privacy.user_lock import lock_active_user
from moments.errors import RuleViolation
from moments.registry import absolute, bounced_emails, emails
from outbox.models import EmailSuppression, Mail
from outbox.service import queue_user_requested_email

CHECK = "address_check"  # the only kind sent to a suppressed address, so that its owner can confirm it
SALT = "moments.address.check"
CHECK_SECONDS = 3 * 24 * 3600
STALE_AFTER = dt.timedelta(hours=1)  # account links in stored texts have expired by then
Method, Ended = EmailSuppression.Method, EmailSuppression.Ended
Status = Mail.Status


def suppression_of(email: str) -> EmailSuppression | None:
    return EmailSuppression.objects.filter(email=email.lower(), ended_at=None).first()


def suppress_address(mail: Mail, *, method: str, status: str, why: str, now: dt.datetime) -> EmailSuppression | None:
    """Suppress the recipient of ``mail``. Returns None if the problem was resolved after it was sent, or its address
    was erased.
    """
    email, since = mail.to_email.lower(), mail.sent_at or mail.created_at
    columns = {"occurred_at": now, "method": method, "status": status, "reason": one_line(why), "mail": mail}
    with transaction.atomic():
        if not _is_known(mail) or EmailSuppression.objects.filter(email=email, ended_at__gt=since).exists():
            return None
        EmailSuppression.objects.bulk_create([EmailSuppression(email=email, **columns)], ignore_conflicts=True)
        EmailSuppression.objects.filter(email=email, ended_at=None).update(**columns)
        if method != Method.COMPLAINT and mail.kind in bounced_emails:
            bounced_emails[mail.kind](mail.context, now)
    return suppression_of(email)


def _is_known(mail: Mail) -> bool:
    """Return whether the email still has its address, and lock its row so that erasure waits."""
    rows = Mail.objects.select_for_update(no_key=True).filter(pk=mail.pk, forgotten_at=None)
    return rows.values_list("pk", flat=True).first() is not None


def one_line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:300]


def end_suppression(
    trouble: EmailSuppression, how: str, *, by: User | None = None, why: str = "", now: dt.datetime
) -> None:
    """End the suppression and queue the held emails, except account emails whose links have expired."""
    with transaction.atomic():
        ended = {"ended_at": now, "ended_method": how, "ended_by": by, "ended_reason": one_line(why)}
        if EmailSuppression.objects.filter(pk=trouble.pk, ended_at=None).update(**ended):
            _held(trouble.email, now).update(status=Status.QUEUED, due_at=now, attempts=0, last_error="")


def _held(email: str, now: dt.datetime) -> QuerySet[Mail]:
    held = Mail.objects.filter(to_email__iexact=email, status=Status.HELD)
    return held.exclude(text__gt="", created_at__lte=now - STALE_AFTER)


def works_again(trouble: EmailSuppression, *, by: User, why: str, now: dt.datetime) -> None:
    """End the suppression because staff know that the address works. Raises ``RuleViolation`` without a reason."""
    _refuse_no_reason(why)
    end_suppression(trouble, Ended.WORKS, by=by, why=why, now=now)


def _refuse_no_reason(why: str) -> None:
    if not why.strip():
        raise RuleViolation("no_reason", _("Say why."), field="why")


def propose_address(trouble: EmailSuppression, email: str, *, by: User, why: str, now: dt.datetime) -> EmailAddress:
    """Propose another address for the user, to be confirmed by its owner.

    Nothing changes until then. An address that the user confirmed before becomes the login at once. Raises
    ``RuleViolation`` if the address is taken or also suppressed.
    """
    _refuse_no_reason(why)
    email = email.strip().lower()
    user = User.objects.filter(email=trouble.email).first()
    if user is None:
        raise RuleViolation("no_user", _("Nobody signs in with %s.") % trouble.email, field="email")
    if suppression_of(email):
        raise RuleViolation("unreachable", _("Mail does not reach %s either.") % email, field="email")
    others = User.objects.filter(email=email) | User.objects.filter(emailaddress__email=email)
    if others.exclude(pk=user.pk).exists():
        raise RuleViolation("taken", _("%s belongs to another account.") % email, field="email")
    with transaction.atomic():
        lock_active_user(user)
        columns = {"proposed": email, "proposed_by": by, "proposed_reason": one_line(why), "proposed_at": now}
        EmailSuppression.objects.filter(pk=trouble.pk, ended_at=None).update(**columns)
        address = EmailAddress.objects.get_or_create(user=user, email=email)[0]
        if address.verified:
            note_confirmed(address, now=now)
        return address


def note_confirmed(address: EmailAddress, *, now: dt.datetime) -> None:
    """End the suppression of a confirmed address. If the user's login is suppressed, the address becomes the login."""
    if trouble := suppression_of(address.email):
        end_suppression(trouble, Ended.CONFIRMED, by=address.user, now=now)
    is_others = User.objects.filter(email=address.email).exists()  # or it is the login already
    if not is_others and (trouble := suppression_of(address.user.email)):
        with transaction.atomic():
            address.set_as_primary()
            move_mails(trouble, address, now=now)


def move_mails(trouble: EmailSuppression, to: EmailAddress, *, now: dt.datetime) -> None:
    """Redirect the user's held emails from the suppressed address to ``to`` and end the suppression."""
    with transaction.atomic():
        theirs = Mail.objects.filter(user=to.user, to_email__iexact=trouble.email, status=Status.HELD)
        theirs.update(to_email=to.email)
        EmailAddress.objects.filter(user=to.user, email=trouble.email).delete()
        end_suppression(trouble, Ended.CORRECTED, by=to.user, now=now)
        _held(to.email, now).update(status=Status.QUEUED, due_at=now, attempts=0, last_error="")


# Confirmation by the owner


def mail_check(user: User, *, language: str, now: dt.datetime) -> bool:
    """Send one email with a confirmation link to the suppressed address. Returns whether it was queued."""
    trouble = suppression_of(user.email)
    if trouble is None:
        return False
    mail = Mail(kind=CHECK, to_email=user.email, user=user, language=language, context={"trouble": trouble.pk})
    return queue_user_requested_email(mail, now=now) is not None


@emails.add("address_check")
def check_context(context: dict) -> dict:
    """Return the context of that email."""
    return {"check_url": absolute("outbox:check", signing.dumps(context["trouble"], salt=SALT))}


def trouble_of_check(signed: str) -> EmailSuppression | None:
    """Return the suppression that the link ends; None if the link is invalid or expired."""
    try:
        pk = signing.loads(signed, salt=SALT, max_age=CHECK_SECONDS)
    except signing.BadSignature:
        return None
    return EmailSuppression.objects.filter(pk=pk).first()
