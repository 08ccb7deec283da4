"""Organizations, members, keys, support."""

import datetime as dt

import pytest

from accounts.api_keys import authentication
from accounts.models import ApiKey, IneligibleCountry, Member, Organization
from accounts.organizations import service as organizations
from moments.errors import RuleViolation
from tests import make

Role = Member.Role


def refused(act, *args, **kwargs) -> str:
    before = set(Member.objects.values_list("pk", "role"))
    with pytest.raises(RuleViolation) as caught:
        act(*args, **kwargs)
    assert set(Member.objects.values_list("pk", "role")) == before
    return caught.value.code


@pytest.mark.parametrize("country", ["ZA", "AL", "SA", "RU", "CH", "CU", "IR", "KP", "SY"])
def test_organizations_of_some_countries_cannot_register(db, now, country):
    user = make.user()

    assert (
        refused(organizations.register_organization, user, name="X", country=country, now=now) == "country_not_eligible"
    )
    assert Organization.objects.count() == 0


def test_the_list_of_countries_is_the_operators(db, now):
    IneligibleCountry.objects.filter(code="CH").delete()

    assert organizations.register_organization(make.user(), name="Alp", country="CH", now=now).role == Role.OWNER


@pytest.mark.parametrize("country", ["", "XX", "Germany"])
def test_what_is_no_country_is_refused(db, now, country):
    assert (
        refused(organizations.register_organization, make.user(), name="X", country=country, now=now)
        == "unknown_country"
    )


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ANALYST])
def test_editors_and_analysts_register_no_apps_and_invite_nobody(db, now, role):
    member = make.member(role)

    assert refused(organizations.create_app, member, name="App", now=now) == "forbidden"
    assert refused(organizations.invite_member, member, email="x@example.com", role=Role.OWNER, now=now) == "forbidden"


def test_a_key_is_shown_once_and_stored_as_its_digest(db, now):
    app = make.app()

    key, secret = organizations.create_api_key(app, mode="live", now=now)

    assert secret.startswith("mk_live_") and len(secret) == 8 + 32
    assert secret not in {str(value) for value in ApiKey.objects.values_list().get()}
    assert authentication.find_caller(secret, now=now).key_id == key.pk


def test_a_rolled_key_works_for_another_day(db, now):
    key, secret = organizations.create_api_key(make.app(), mode="live", now=now)
    new, new_secret = organizations.roll_api_key(key, by=make.user(), now=now)

    assert authentication.find_caller(secret, now=now + dt.timedelta(hours=23, minutes=59)).key_id == key.pk
    assert authentication.find_caller(secret, now=now + dt.timedelta(hours=24)) is None
    assert authentication.find_caller(new_secret, now=now + dt.timedelta(days=400)).key_id == new.pk
    assert refused(organizations.roll_api_key, key, by=make.user(), now=now) == "key_not_current"


def test_a_revoked_key_is_unknown_at_once(db, now):
    key, secret = organizations.create_api_key(make.app(), mode="test", now=now)

    organizations.revoke_api_key(key, by=make.user(), now=now)

    assert authentication.find_caller(secret, now=now) is None
    assert refused(organizations.revoke_api_key, key, by=make.user(), now=now) == "key_not_current"


def test_an_allowlist_line_that_is_no_address_is_named():
    with pytest.raises(RuleViolation, match="Line 2, “nonsense”"):
        organizations.parse_allowlist("203.0.113.7\nnonsense\n")
    assert organizations.parse_allowlist("203.0.113.7\n\n2001:db8::/32") == ["203.0.113.7/32", "2001:db8::/32"]


def test_an_invitation_is_for_its_address_once_and_for_a_week(db, now):
    owner, guest = make.member(), make.user("guest@example.com")
    _invitation, secret = organizations.invite_member(owner, email="Guest@Example.com", role=Role.EDITOR, now=now)

    assert refused(organizations.accept_invitation, secret, user=make.user(), now=now) == "invitation_gone"
    late = now + dt.timedelta(days=7)
    assert refused(organizations.accept_invitation, secret, user=guest, now=late) == "invitation_gone"
    assert organizations.accept_invitation(secret, user=guest, now=now).role == Role.EDITOR
    assert refused(organizations.accept_invitation, secret, user=guest, now=now) == "invitation_gone"


def test_asking_again_replaces_the_invitation_before(db, now):
    owner, guest = make.member(), make.user("guest@example.com")
    _first, old = organizations.invite_member(owner, email=guest.email, role=Role.ADMIN, now=now)
    organizations.invite_member(owner, email=guest.email, role=Role.ANALYST, now=now)

    assert refused(organizations.accept_invitation, old, user=guest, now=now) == "invitation_gone"


def test_the_last_owner_stays(db):
    owner = make.member()

    assert refused(organizations.remove_member, owner, by=owner) == "last_owner"
    assert refused(organizations.change_role, owner, role=Role.EDITOR, by=owner) == "last_owner"


def test_an_administrator_does_not_touch_owners(db):
    owner = make.member()
    admin = make.member(Role.ADMIN, organization=owner.organization)

    assert refused(organizations.remove_member, owner, by=admin) == "forbidden"
    assert refused(organizations.change_role, admin, role=Role.OWNER, by=admin) == "forbidden"


def test_a_request_is_answered_reopened_and_closed(db, now):
    member = make.member()
    request = organizations.open_request(member, kind="limit", subject="More", body="Please", now=now)

    organizations.reply_to_request(request, author=make.operator(), body="How much?", from_operator=True, now=now)
    assert request.status == "answered"
    organizations.reply_to_request(request, author=member.user, body="$9,000", from_operator=False, now=now)
    assert request.status == "open"
    organizations.close_request(request)
    assert request.messages.count() == 3
