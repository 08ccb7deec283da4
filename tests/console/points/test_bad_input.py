"""Whatever is typed into the forms of points is answered with a sentence, and changes nothing."""

import html

import pytest

from accounts.models import AuditEntry
from rewards.models import PointEvent
from rewards.points.events import EventRequest, record_event
from rewards.points.setup.rule_editor import add_status
from rewards.points.setup.tiers import add_tier
from tests import make

BAD = ["-1", "1e400", "9" * 30, "2147483648", "١٢", "😀" * 200, "\x00", "\u202e", "0001-01-01T00:00"]  # noqa: RUF001
NUMBERS = ("points_per_event", "points_per_quantity", "points_per_amount", "minimum_quantity", "daily_cap")


@pytest.fixture
def forms(console, member, program, app, campaign, rule, ada, at, now):
    """The address of each form, the fields in which the values are bad, and the rest of what it needs."""
    status = add_status(program, name="Gold", threshold=100, period_days=90, now=now)
    tier = add_tier(program, points=100, group=campaign.groups.get(), now=now)
    record_event(app, EventRequest("e1", "ada", "buy", quantity=3), now=now)
    event = PointEvent.objects.get()
    make.app(member)
    tiers = ("points", "group", "status")
    statuses = ("threshold", "period_days", "grace_days")
    return [
        ("/console/points/new/", ("time_zone", "apps", "pending_days", "points_valid_days"), {"name": "Two"}),
        (at("settings"), ("pending_days", "points_valid_days"), {"name": "Stars"}),
        (at("add_rule"), (*NUMBERS, "valid_from", "currency"), {"action": "play"}),
        (at("rule", rule.pk), (*NUMBERS, "valid_until", "pending_days", "points_valid_days"), {}),
        (at("add_multiplier"), ("factor", "action", "status", "starts_at", "ends_at"), {"name": "Two"}),
        (at("add_tier"), tiers, {}),
        (at("tier", tier.pk), tiers, {}),
        (at("add_status"), statuses, {"name": "Silver"}),
        (at("status", status.pk), statuses, {"name": "Gold"}),
        (at("reverse_event", ada.pk, event.pk), ("quantity",), {"once": "k1"}),
        (at("record"), ("app", "action", "quantity", "occurred_at"), {"app_user_id": "ada", "event_id": "e9"}),
    ]


@pytest.mark.parametrize("bad", BAD)
def test_bad_values_are_refused_at_their_fields_and_kept(console, forms, bad):
    before = AuditEntry.objects.count()
    for path, fields, rest in forms:
        page = console.post(path, rest | dict.fromkeys(fields, bad))

        form = page.context["form"]
        assert page.status_code == 200 and set(form.errors) & set(fields), (path, form.errors)
        told = " ".join(map(str, form.errors.values()))
        assert "Ensure" not in told and "valid choice" not in told and "UUID" not in told, told
        kept = [name for name in fields if form[name].field.widget.input_type in ("text", "number")]
        for name in kept if bad.isprintable() else ():
            assert f'name="{name}" value="{html.escape(bad)}"' in page.text, (path, name)
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("bad", ["", " ", "\u202e", "😀" * 200, "\x00", "\u3164"])
def test_names_need_something_to_see(console, program, at, bad):
    before = AuditEntry.objects.count()
    for path, name in ((at("settings"), "name"), (at("add_rule"), "action"), (at("add_multiplier"), "name")):
        assert name in console.post(path, {name: bad, "pending_days": "0"}).context["form"].errors, (path, bad)
    assert AuditEntry.objects.count() == before


def test_whatever_is_asked_for_is_answered(console, program, ada, at):
    for name in ("users", "export_users", "simulator", "record"):
        for bad in BAD:
            answer = console.get(at(name), dict.fromkeys(("user", "sort", "after", "before"), bad))
            assert answer.status_code == 200, (name, bad)
            assert not answer.streaming or b"user_id" in answer.getvalue()
    for bad in (2**63, 10**40):
        for name in ("user", "adjust", "export", "rule", "tier", "status"):
            assert console.get(at(name, bad)).status_code == 404


def test_a_form_that_was_sent_before_says_so(console, program, ada, at):
    sent = {"points": "5", "reason": "Sorry", "once": "k1"}
    console.post(at("adjust", ada.pk), sent)

    page = console.post(at("adjust", ada.pk), sent | {"points": "7"})

    assert "You already submitted this form." in page.text and "idempotency" not in page.text
    ada.refresh_from_db()
    assert ada.available == 255
