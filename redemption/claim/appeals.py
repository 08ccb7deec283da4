"""Appeals against refused claims, which operators allow or decline."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.privacy.user_lock import lock_active_user, try_lock_active_user
from moments.errors import RuleViolation
from moments.lifecycle import advance
from moments.registry import absolute
from outbox.service import notify_operators, queue_mail
from redemption.models import Appeal
from rewards.claims.abuse_limits import CUSTOMER, Kind, allow_claim
from rewards.claims.service import is_open
from rewards.models import Reward

A_DAY = 3  # appeals per customer
Status = Appeal.Status


def latest_appeal(reward: Reward, customer: User) -> Appeal | None:
    return Appeal.objects.filter(reward=reward, customer=customer).first()


def open_appeal(
    reward: Reward, *, customer: User, text: str, found: list[dict], language: str = "en", now: dt.datetime
) -> Appeal:
    """Create an appeal, or return the open one. Raises ``RuleViolation`` after three appeals a day."""
    with transaction.atomic():
        lock_active_user(customer)
        open_one = Appeal.objects.filter(reward=reward, customer=customer, status=Status.OPEN).first()
        if open_one:
            return open_one
        if Appeal.objects.filter(customer=customer, opened_at__gt=now - dt.timedelta(days=1)).count() >= A_DAY:
            message = ngettext(
                "You have asked us %d time today. Please wait for our answer.",
                "You have asked us %d times today. Please wait for our answer.",
                A_DAY,
            )
            raise RuleViolation("too_many_appeals", message % A_DAY, field="text")
        made = Appeal.objects.create(
            reward=reward, customer=customer, text=text, found=found, language=language, opened_at=now
        )
        _tell_operators(made, now)
    return made


def allow_appeal(appeal: Appeal, *, by: User, answer: str = "", now: dt.datetime) -> None:
    """Allow the customer to claim and order. Raises ``RuleViolation`` if the reward cannot be claimed for other
    reasons.
    """
    if obstacle := obstacle_of(appeal, now=now):
        raise RuleViolation("cannot_be_claimed", obstacle)
    with transaction.atomic():
        try_lock_active_user(appeal.customer)
        advance(appeal, Status.ALLOWED, answer=answer.strip(), decided_at=now, decided_by=by)
        allow_claim(appeal.reward, customer=appeal.customer, by=by, now=now)
        _mail_answer(appeal, now)


def decline_appeal(appeal: Appeal, *, by: User, answer: str, now: dt.datetime) -> None:
    if not answer.strip():
        raise RuleViolation("no_answer", _("Say why; the customer reads it."), field="answer")
    with transaction.atomic():
        try_lock_active_user(appeal.customer)
        advance(appeal, Status.DECLINED, answer=answer.strip(), decided_at=now, decided_by=by)
        _mail_answer(appeal, now)


def obstacle_of(appeal: Appeal, *, now: dt.datetime) -> str:
    """Return why allowing the appeal would not help, in words for operators; empty if it would."""
    reward = appeal.reward
    if reward.customer_id not in {None, appeal.customer_id}:
        return _("Another account has claimed this reward.")
    if reward.voided_at:
        return _("The developer has voided this reward.")
    if not is_open(reward, now=now):
        return _("This reward has expired.")
    return ""


def reasons_of(appeal: Appeal) -> list[str]:
    """Return the limits that were exceeded, in words for operators."""
    sentences = {
        CUSTOMER: _("The account has %(count)d other rewards of this campaign; the limit is %(limit)d."),
        Kind.DEVICE: _("%(count)d other accounts claimed on this device; the limit is %(limit)d."),
        Kind.NETWORK: _("%(count)d other accounts claimed from this network and browser; the limit is %(limit)d."),
        Kind.ADDRESS: _("%(count)d other accounts ordered to this address; the limit is %(limit)d."),
    }
    return [sentences[each["kind"]] % each for each in appeal.found]


def _tell_operators(appeal: Appeal, now: dt.datetime) -> None:
    """Notify operators. The customer's text is on the page only, not in the email."""
    url = absolute("admin:redemption_appeal_change", appeal.pk)
    values = {"number": appeal.pk, "campaign": appeal.reward.campaign, "url": url}
    subject = _("Appeal %(number)d: a claim was refused") % values
    text = _("A customer of “%(campaign)s” asks you to look at a claim that was refused:\n%(url)s") % values
    notify_operators(subject, text, dedupe_key=f"appeal:{appeal.pk}", now=now)


def _mail_answer(appeal: Appeal, now: dt.datetime) -> None:
    queue_mail(
        "appeal_answered",
        to_email=appeal.customer.email,
        user=appeal.customer,
        context={"appeal": appeal.pk},
        language=appeal.language,
        dedupe_key=f"appeal_answered:{appeal.pk}",
        now=now,
    )
