"""What is kept of people only for a while: sign-ins, sessions that have ended, accounts that nobody confirmed."""

import datetime as dt

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.db.models import Exists, Model, OuterRef, QuerySet

from accounts.models import SignIn, User


def delete_in_batches(due: QuerySet, *, batch: int) -> int:
    """So that no lock is held for long; how many rows."""
    model: type[Model] = due.model
    done = 0
    while ids := list(due.values_list("pk", flat=True)[:batch]):
        model._default_manager.filter(pk__in=ids).delete()
        done += len(ids)
    return done


def forget_old_sign_ins(*, before: dt.datetime, batch: int) -> int:
    done = delete_in_batches(SignIn.objects.filter(occurred_at__lt=before), batch=batch)
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        done += delete_in_batches(model.objects.filter(attempt_time__lt=before), batch=batch)
    return done


def forget_ended_sessions(*, now: dt.datetime, batch: int) -> int:
    """Those that lapsed, and what is known of the browsers they were in."""
    done = delete_in_batches(Session.objects.filter(expire_date__lt=now), batch=batch)
    lives = Session.objects.filter(session_key=OuterRef("session_key"))
    return done + delete_in_batches(UserSession.objects.filter(~Exists(lives)), batch=batch)


def unconfirmed_accounts(*, before: dt.datetime) -> QuerySet[User]:
    """Somebody signed up, perhaps with an address of somebody else, and never came back by the mail's link."""
    addresses = EmailAddress.objects.filter(user=OuterRef("pk"))
    never_in = User.objects.filter(joined_at__lt=before, last_login=None, is_staff=False, erased_at=None)
    return never_in.filter(Exists(addresses), ~Exists(addresses.filter(verified=True)), memberships=None)
