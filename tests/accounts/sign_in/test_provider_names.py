"""Accounts from elsewhere: what is kept of what a provider says."""

from types import SimpleNamespace

import pytest

from accounts.sign_in.provider_views import LONGEST_ID, kept_id, refuse_unreachable_addresses


def test_an_id_that_fits_is_kept_as_it_is():
    assert kept_id("amzn1.account.ABC") == "amzn1.account.ABC"
    assert kept_id("x" * LONGEST_ID) == "x" * LONGEST_ID


def test_a_longer_id_is_kept_as_its_digest_always_the_same():
    long = "x" * (LONGEST_ID + 1)

    assert kept_id(long) == kept_id(long) and kept_id(long).startswith("sha256:") and len(kept_id(long)) == 71
    assert kept_id(long) != kept_id("y" + long[1:])


def test_what_no_provider_may_send_is_refused():
    with pytest.raises(ValueError, match="longer than any id"):
        kept_id("x" * 256)


def login_of(*emails: str):
    addresses = [SimpleNamespace(email=email) for email in emails]
    return SimpleNamespace(user=SimpleNamespace(email=emails[0] if emails else ""), email_addresses=addresses)


def test_an_address_that_can_be_typed_is_kept():
    found = login_of("kim@example.com")

    refuse_unreachable_addresses(found)

    assert found.user.email == "kim@example.com" and [each.email for each in found.email_addresses] == [
        found.user.email
    ]


@pytest.mark.parametrize(
    "email", ["not an address", "kim\u200b@example.com", "\u202ekim@example.com", "kim@exa\nmple.com"]
)
def test_an_address_that_nobody_can_type_is_asked_for_again(email):
    found = login_of(email)

    refuse_unreachable_addresses(found)

    assert (found.user.email, found.email_addresses) == ("", [])
