"""Organizations, members, keys, support."""

import datetime as dt

import pytest

from accounts.api_keys import authentication
from accounts.models import ApiKey, AuditEntry, IneligibleCountry, Invitation, Member, Organization
from accounts.organizations import service as organizations
from accounts.support.requests import reply_by_mail
from moments.errors import RuleViolation
from outbox.models import Mail
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


def written_down(what: AuditEntry.Event) -> list[tuple]:
    return list(AuditEntry.objects.filter(event=what).values_list("about", "actor"))


def test_a_new_name_of_an_organization_is_written_down(member):
    organizations.rename_organization(member.organization, name="Harbor Games", by=member.user)

    assert Organization.objects.get(pk=member.organization_id).name == "Harbor Games"
    assert written_down(AuditEntry.Event.RENAMED) == [("Harbor Games", member.user_id)]


def test_what_changed_of_an_app_is_written_down_and_nothing_else_is_written(member):
    app = make.app(member, url="https://example.com/")

    organizations.change_app(app, by=member.user, name="Harbor", allowlist=["203.0.113.0/24"])

    app.refresh_from_db()
    assert (app.name, app.url, app.ip_allowlist) == ("Harbor", "https://example.com/", ["203.0.113.0/24"])
    assert written_down(AuditEntry.Event.APP_CHANGED) == [("Harbor: name, allowlist", member.user_id)]


@pytest.fixture
def no_mail(settings):
    settings.EMAIL_BACKEND = "outbox.emails.nowhere"


def test_an_invitation_is_mailed(member, now):
    invitation = organizations.invite_by_mail(member, email="guest@example.com", role=Role.EDITOR, now=now)

    assert list(organizations.open_invitations(member.organization, now=now)) == [invitation]
    assert Mail.objects.filter(to_email="guest@example.com").count() == 1


def test_without_its_mail_there_is_no_invitation(member, now, no_mail):
    with pytest.raises(ImportError):
        organizations.invite_by_mail(member, email="guest@example.com", role=Role.EDITOR, now=now)

    assert not Invitation.objects.exists() and written_down(AuditEntry.Event.INVITED) == []


def test_a_reply_is_mailed_to_whom_it_is_for(member, now):
    request = organizations.open_request(member, kind="limit", subject="More", body="Please", now=now)

    reply_by_mail(request, author=make.operator(), body="How much?", from_operator=True, now=now)

    assert Mail.objects.get().to_email == member.user.email and request.status == "answered"


def test_without_its_mail_there_is_no_reply(member, now, no_mail):
    request = organizations.open_request(member, kind="limit", subject="More", body="Please", now=now)

    with pytest.raises(ImportError):
        reply_by_mail(request, author=make.operator(), body="How much?", from_operator=True, now=now)

    request.refresh_from_db()
    assert (request.status, request.messages.count()) == ("open", 1)
