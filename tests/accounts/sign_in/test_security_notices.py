"""Whoever owns an account hears of every change of how it is signed in to."""

import pytest
from allauth.account.models import EmailAddress
from django.test import RequestFactory

from accounts.sign_in.security_notices import ADDED, CHANGES, REMOVED, notify_owner
from outbox.models import Mail


def recipients() -> list[str]:
    return sorted(Mail.objects.values_list("to_email", flat=True))


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_is_told_in_words(customer, change):
    notify_owner(customer, change, about="kim@example.org")

    mail = Mail.objects.get()
    assert (mail.kind, mail.to_email) == ("account_changed", customer.email)
    assert str(CHANGES[change]) % {"about": "kim@example.org"} in mail.text
    assert "/accounts/password/reset/" in mail.text


def test_it_goes_to_every_confirmed_address_and_to_those_that_were_theirs_once_each(customer):
    EmailAddress.objects.create(user=customer, email="second@example.com", verified=True)
    EmailAddress.objects.create(user=customer, email="unconfirmed@example.com", verified=False)

    notify_owner(customer, "email_removed", about="old@example.com", also=("old@example.com", customer.email))

    assert recipients() == sorted([customer.email, "old@example.com", "second@example.com"])


def test_the_device_and_the_network_are_named_but_not_the_whole_address(customer):
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.77", headers={"User-Agent": agent})

    notify_owner(customer, "password_changed", request=request)

    text = Mail.objects.get().text
    assert "Firefox" in text and "203.0.113" in text and "203.0.113.77" not in text


def test_it_is_in_the_owners_language(customer):
    customer.language = "de"
    customer.save(update_fields=["language"])

    notify_owner(customer, "password_changed")

    mail = Mail.objects.get()
    assert mail.language == "de" and str(CHANGES["password_changed"]) not in mail.text


def test_every_notice_of_a_second_factor_has_words():
    assert set(ADDED.values()) | set(REMOVED.values()) <= set(CHANGES)


def test_an_unknown_change_is_an_error_and_sends_nothing(customer):
    with pytest.raises(KeyError):
        notify_owner(customer, "unheard_of")

    assert not Mail.objects.exists()
