"""The audit log: written with what it tells, in one order with the campaigns' history, never rewritten."""

import csv
import datetime as dt
import io

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.models import ApiKey, App, AuditEntry, Member
from accounts.organizations import service as organizations
from accounts.organizations.audit import AuditEvent, record
from campaigns.approval import transitions
from campaigns.models import CampaignChange
from console.audit import entries as audit_lines
from console.audit.entries import AuditFilter, entries_of
from moments.errors import RuleViolation
from rewards.issuing.voiding import void_reward
from tests import make

AUDIT, EXPORT = reverse("console:audit:log"), reverse("console:audit:export")


def shown(member, **wanted) -> list[tuple[str, str]]:
    return [(line.what, line.about) for line in entries_of(member, AuditFilter(**wanted))]


def test_each_act_has_its_line(member, now):
    app = organizations.create_app(member, name="Lantern", now=now)
    key, _secret = organizations.create_api_key(app, mode="test", by=member.user, now=now)
    organizations.roll_api_key(key, by=member.user, now=now)
    newest = ApiKey.objects.latest("pk")
    organizations.revoke_api_key(newest, by=member.user, now=now)
    _invitation, secret = organizations.invite_member(member, email="kim@example.com", role="editor", now=now)
    kim = organizations.accept_invitation(secret, user=make.user("kim@example.com"), now=now)
    organizations.change_role(kim, role="analyst", by=member)
    organizations.remove_member(kim, by=member)
    reward = make.reward(make.campaign(of=member))
    for _time in range(2):
        void_reward(reward, by=member.user, now=now)

    found = dict.fromkeys(what for what, _about in shown(member))

    for what in ("APP_REGISTERED", "KEY_CREATED", "KEY_ROLLED", "KEY_REVOKED", "INVITED", "JOINED", "ROLE_CHANGED"):
        assert AuditEvent[what].label in found
    assert (AuditEvent.MEMBER_REMOVED.label, "kim@example.com (analyst)") in shown(
        member
    ) or AuditEvent.MEMBER_REMOVED.label in found
    assert [about for what, about in shown(member) if what == AuditEvent.REWARD_VOIDED.label] == [str(reward.pk)]
    assert not any(secret in about for _what, about in shown(member))


def test_what_was_refused_has_no_line(member, now):
    app = make.app(member)
    before = AuditEntry.objects.count()

    with pytest.raises(RuleViolation), transaction.atomic():
        organizations.create_app(member, name=app.name, now=now)
    with pytest.raises(RuleViolation):
        organizations.remove_member(member, by=member)

    assert AuditEntry.objects.count() == before
    assert App.objects.count() == 1


def test_campaigns_stand_in_one_order_with_all_else(member, now):
    campaign = make.campaign("approved", of=member)
    record(member.organization, AuditEvent.RENAMED, "Northlight", by=member.user, now=now)
    transitions.go_live(campaign, by=member.user, now=now + dt.timedelta(seconds=1))

    lines = list(entries_of(member, AuditFilter()))

    assert [line.at for line in lines] == sorted((line.at for line in lines), reverse=True)
    assert campaign.name in lines[0].about and "Northlight" in [line.about for line in lines]
    assert all(campaign.name in about for _what, about in shown(member, what="campaigns"))
    assert shown(member, what=AuditEvent.RENAMED) == [(AuditEvent.RENAMED.label, "Northlight")]


@pytest.mark.parametrize("change", ["UPDATE accounts_auditentry SET about = ''", "DELETE FROM accounts_auditentry"])
def test_the_log_cannot_be_rewritten(member, change):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)

    assert AuditEntry.objects.exists()


def test_the_page_goes_on_where_it_ended(console, member, now):
    for number in range(120):
        at = now - dt.timedelta(minutes=number)
        record(member.organization, AuditEvent.EXPORTED, f"file {number}", by=member.user, now=at)

    seen, address = [], AUDIT + "?what=exported"
    while address:
        answer = console.get(address)
        seen += [line.about for line in answer.context["lines"]]
        older = answer.context["older"]
        address = older and f"{AUDIT}?what=exported&before={older.replace('+', '%2B')}"

    assert seen == [f"file {number}" for number in range(120)]


def test_it_is_narrowed_to_a_person_and_to_days(member, now):
    other = make.member(organization=member.organization)
    record(member.organization, AuditEvent.EXPORTED, "mine", by=member.user, now=now - dt.timedelta(days=3))
    record(member.organization, AuditEvent.EXPORTED, "theirs", by=other.user, now=now)

    assert ("file downloaded", "mine") not in shown(member, by=other.user)
    assert shown(member, what="exported", since=now - dt.timedelta(days=1)) == [("file downloaded", "theirs")]
    assert shown(member, what="exported", until=now - dt.timedelta(days=1)) == [("file downloaded", "mine")]


def test_the_file_tells_the_same_and_that_it_was_fetched(console, member):
    record(member.organization, AuditEvent.RENAMED, "=1+1", by=member.user)

    rows = list(csv.reader(io.StringIO(console.get(EXPORT).getvalue().decode("utf-8-sig"))))

    assert rows[0] == ["at", "who", "what", "about"]
    assert any(row[1:] == [member.user.email, "organization renamed", "'=1+1"] for row in rows)
    assert ("file downloaded", "audit log") in shown(member)


@pytest.mark.parametrize("role", [Member.Role.EDITOR, Member.Role.ANALYST])
def test_editors_and_analysts_do_not_read_it(client, member, role):
    client.force_login(make.member(role, organization=member.organization).user)

    assert client.get(AUDIT).status_code == client.get(EXPORT).status_code == 403
    assert AUDIT not in client.get("/console/").text


def test_another_organizations_lines_are_nowhere(console):
    theirs = make.campaign()
    record(theirs.organization, AuditEvent.RENAMED, "Somebody else", by=None)

    page = console.get(AUDIT).text

    assert theirs.name not in page and "Somebody else" not in page


@pytest.mark.parametrize(
    "asked", ["?before=x", "?before=2026-02-30T00:00", "?by=0", "?since=x", "?what=%00", "?since=0001-01-01"]
)
def test_nonsense_is_the_beginning(console, asked):
    assert console.get(AUDIT + asked).status_code == 200


@pytest.mark.slow
def test_lines_of_one_instant_are_all_listed_page_by_page_as_in_the_file(console, member, now):
    """More than a page and more than a chunk of each table, in the same microsecond."""
    campaign = make.campaign("draft", of=member)
    count, at = audit_lines.CHUNK + 7, now - dt.timedelta(hours=1)
    AuditEntry.objects.bulk_create(
        AuditEntry(organization=member.organization, event="exported", about=f"entry {number}", occurred_at=at)
        for number in range(count)
    )
    CampaignChange.objects.bulk_create(
        CampaignChange(campaign=campaign, event="created", reason=f"change {number}", occurred_at=at)
        for number in range(count)
    )

    seen, older = [], ""
    for _page in range(60):
        page = console.get(AUDIT, {"before": older} if older else {})
        seen += [line.place for line in page.context["lines"]]
        older = page.context["older"]
        if not older:
            break
    file = list(csv.reader(io.StringIO(console.get(f"{AUDIT}export.csv").getvalue().decode("utf-8-sig"))))

    assert older is None and len(seen) == len(set(seen)) == len(file) - 1
    assert len([place for place in seen if place[0] == at]) == 2 * count


PLACES = ["9999-12-31T23:59:59-23:00", "9999-12-31T23:59:59-23:00,0,1", "0001-01-01T00:00+23:00,1,1", "x,0,1", ",,"]
PLACES += ["2026-01-01T00:00:00,0,1", "2026-01-01T00:00:00+00:00,7,1", "2026-01-01T00:00:00+00:00,0," + "9" * 30]


@pytest.mark.parametrize("before", [*PLACES, "\x00,0,1"])
def test_a_place_that_is_none_is_the_first_page(console, member, before):
    first = console.get(AUDIT).context["lines"]

    page = console.get(AUDIT, {"before": before})

    assert page.status_code == 200 and page.context["lines"] == first
