"""Nothing is written about somebody who was erased."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.privacy.user_lock import lock_active_user, try_lock_active_user
from moments.errors import RuleViolation


def test_whoever_is_there_is_locked_until_the_transaction_ends(customer):
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        assert try_lock_active_user(customer)
        lock_active_user(customer)

    assert sum("FOR NO KEY UPDATE" in query["sql"] for query in asked.captured_queries) == 2


def test_whoever_was_erased_is_refused_and_stays_as_they_are(customer, now):
    User.objects.filter(pk=customer.pk).update(erased_at=now)

    with transaction.atomic():
        assert not try_lock_active_user(customer)
        with pytest.raises(RuleViolation) as caught:
            lock_active_user(customer)

    assert caught.value.code == "erased"
    assert User.objects.get(pk=customer.pk).erased_at == now


def test_somebody_who_never_was_there_is_not_held(db):
    with transaction.atomic():
        assert not try_lock_active_user(User(pk=0))
