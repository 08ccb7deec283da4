"""What is kept of people only for a while goes in time, and nothing else does."""

import datetime as dt

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session

from accounts.models import SignIn, User
from accounts.privacy.retention import (
    delete_in_batches,
    forget_ended_sessions,
    forget_old_sign_ins,
    unconfirmed_accounts,
)
from tests import make

DAY = dt.timedelta(days=1)


def sign_in(user, at) -> SignIn:
    return SignIn.objects.create(user=user, occurred_at=at, outcome=SignIn.Outcome.SUCCEEDED)


def newcomer(now, **fields) -> User:
    """Signed up with an address that was never confirmed."""
    user = make.user(**{"joined_at": now - 10 * DAY, **fields})
    EmailAddress.objects.filter(user=user).update(verified=False)
    return user


def test_rows_are_deleted_in_batches_and_counted(customer, now):
    for days in range(5):
        sign_in(customer, now - days * DAY)

    assert delete_in_batches(SignIn.objects.filter(occurred_at__lt=now - DAY), batch=2) == 3
    assert SignIn.objects.count() == 2


def test_old_sign_ins_and_attempts_go_and_newer_ones_stay(customer, now):
    old, new = now - 40 * DAY, now - DAY
    for at in (old, new):
        sign_in(customer, at)
        for model in (AccessAttempt, AccessFailureLog, AccessLog):
            failures = {"failures_since_start": 1} if model is AccessAttempt else {}
            row = model.objects.create(username=f"{at}", ip_address="192.0.2.1", user_agent="x", **failures)
            model.objects.filter(pk=row.pk).update(attempt_time=at)

    assert forget_old_sign_ins(before=now - 30 * DAY, batch=100) == 4
    assert [model.objects.count() for model in (SignIn, AccessAttempt, AccessFailureLog, AccessLog)] == [1, 1, 1, 1]
    assert forget_old_sign_ins(before=now - 30 * DAY, batch=100) == 0


def test_sessions_that_lapsed_go_with_the_browsers_they_were_in(customer, now):
    for key, expires in (("lapsed", now - DAY), ("lives", now + DAY)):
        Session.objects.create(session_key=key, session_data="", expire_date=expires)
        UserSession.objects.create(user=customer, session_key=key, ip="192.0.2.1", user_agent="x")

    assert forget_ended_sessions(now=now, batch=10) == 2
    assert Session.objects.get().session_key == UserSession.objects.get().session_key == "lives"


def test_accounts_that_nobody_confirmed_are_found(now, db):
    gone = newcomer(now)

    assert list(unconfirmed_accounts(before=now - DAY)) == [gone]


def test_whoever_came_in_is_new_works_here_or_was_erased_is_not_among_them(now, db):
    newcomer(now, last_login=now - 9 * DAY)
    newcomer(now, joined_at=now)
    newcomer(now, is_staff=True)
    User.objects.filter(pk=newcomer(now).pk).update(erased_at=now)
    make.user(joined_at=now - 10 * DAY)  # confirmed
    member = make.member()
    User.objects.filter(pk=member.user_id).update(joined_at=now - 10 * DAY)
    EmailAddress.objects.filter(user=member.user).update(verified=False)

    assert list(unconfirmed_accounts(before=now - DAY)) == []
