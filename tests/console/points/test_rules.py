"""Rules and multipliers: added, edited, paused, deleted; bad input is refused at its field."""

import datetime as dt

import pytest

from accounts.models import AuditEntry
from rewards.models import PointMultiplier, PointMultiplierVersion, PointRule, PointRuleVersion
from rewards.points.setup.rule_editor import edit_multiplier, edit_rule

ALL = {
    "action": "purchase",
    "category": "shoes",
    "points_per_event": 5,
    "points_per_quantity": 2,
    "points_per_amount": "1.50",
    "currency": "eur",
    "minimum_quantity": 2,
    "minimum_amount": "19.99",
    "daily_cap": 100,
    "weekly_cap": 500,
    "lifetime_cap": 1000,
    "valid_from": "2026-07-01T00:00",
    "valid_until": "2026-08-01T00:00",
    "pending_days": 14,
    "points_valid_days": 365,
}


def test_a_rule_has_every_field_of_the_engine(console, program, at):
    answer = console.post(at("add_rule"), ALL)

    assert answer.status_code == 302 and answer["Location"] == at("rules")
    version = PointRuleVersion.objects.get()
    assert (version.rule.action, version.rule.category.key) == ("purchase", "shoes")
    assert (version.points_per_event, version.points_per_quantity, str(version.points_per_amount)) == (5, 2, "1.50")
    assert (version.currency, version.minimum_quantity, version.minimum_amount_minor) == ("EUR", 2, 1999)
    assert (version.daily_cap, version.weekly_cap, version.lifetime_cap) == (100, 500, 1000)
    assert version.valid_from == dt.datetime(2026, 6, 30, 22, tzinfo=dt.UTC)  # midnight in Berlin
    assert (version.pending_days, version.points_valid_days) == (14, 365)
    page = console.get(at("rules")).text
    assert all(words in page for words in ("5 per event", "1.5 per 1 EUR", "Minimum amount €19.99", "Up to 500 a week"))
    assert console.get(at("rule", version.rule_id)).context["form"].initial["minimum_amount"] == "19.99"


def test_the_page_shows_every_field_of_the_form(console, rule, at):
    for path in (at("add_rule"), at("rule", rule.pk)):
        page = console.get(path)
        assert all(f'name="{name}"' in page.text for name in page.context["form"].fields)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("action", ""),
        ("points_per_event", "1e3"),
        ("points_per_event", "-1"),
        ("points_per_amount", "1.555"),
        ("currency", "XXQ"),
        ("currency", ""),
        ("minimum_amount", "19,99"),
        ("minimum_quantity", "0"),
        ("daily_cap", "0"),
        ("lifetime_cap", "99999999999"),
        ("valid_from", "2026-03-29T02:30"),  # clocks skip it
        ("valid_until", "2026-06-01T00:00"),
        ("points_valid_days", "0"),
    ],
)
def test_bad_input_is_refused_at_its_field(console, program, at, field, value):
    answer = console.post(at("add_rule"), ALL | {field: value})

    assert answer.status_code == 200 and list(answer.context["form"].errors) == [field]
    assert not PointRule.objects.exists()


def test_a_rule_that_gives_nothing_and_a_second_one_are_refused(console, rule, at):
    nothing = console.post(at("add_rule"), {"action": "x", **dict.fromkeys(list(ALL)[2:5], 0)})
    again = console.post(at("add_rule"), {"action": "buy", **dict.fromkeys(list(ALL)[2:5], 1), "currency": "USD"})

    assert list(nothing.context["form"].errors) == ["points_per_event"]
    assert list(again.context["form"].errors) == ["action"]
    assert PointRule.objects.get() == rule


def test_an_edit_opens_a_version_and_is_audited(console, member, rule, at):
    answer = console.post(
        at("rule", rule.pk), {"points_per_event": 7, "points_per_quantity": 0, "points_per_amount": 0}
    )

    assert answer.status_code == 302
    old, new = rule.versions.all()
    assert (old.points_per_event, new.points_per_event) == (100, 7)
    assert old.effective_until is not None and old.effective_until == new.effective_from
    logged = AuditEntry.objects.filter(event=AuditEntry.Event.POINTS_CHANGED, about="Stars: buy")
    assert logged.get().actor == member.user


def test_a_rule_is_paused_resumed_and_deleted_after_one_question(console, rule, at):
    console.post(at("pause_rule", rule.pk))
    assert not PointRule.objects.get().is_active and "paused" in console.get(at("rules")).text
    console.post(at("resume_rule", rule.pk))
    assert PointRule.objects.get().is_active

    asked = console.get(at("remove_rule", rule.pk))
    assert "Delete this rule?" in asked.text and PointRule.objects.get().deleted_at is None
    console.post(at("remove_rule", rule.pk))

    assert PointRule.objects.get().deleted_at is not None
    assert console.get(at("rule", rule.pk)).status_code == 404


def test_a_multiplier_is_added_and_deleted(console, rule, at):
    fields = {"name": "Much", "factor": "10", "starts_at": "2026-07-04T00:00", "ends_at": "2026-07-06T00:00"}
    bare = console.post(at("add_multiplier"), {"name": "Double", "factor": "10"})
    backward = console.post(at("add_multiplier"), fields | {"ends_at": "2026-07-03T00:00"})
    assert [list(answer.context["form"].errors) for answer in (bare, backward)] == [["starts_at"], ["ends_at"]]

    console.post(at("add_multiplier"), fields)

    multiplier = PointMultiplier.objects.get()
    assert multiplier.current.starts_at == dt.datetime(2026, 7, 3, 22, tzinfo=dt.UTC)
    assert "× 10<" in console.get(at("rules")).text
    console.post(at("remove_multiplier", multiplier.pk))
    multiplier.refresh_from_db()
    assert multiplier.deleted_at is not None


def test_an_edit_of_a_multiplier_opens_a_version_and_is_audited(console, member, rule, at):
    fields = {"name": "Much", "factor": "10", "starts_at": "2026-07-04T00:00", "ends_at": "2026-07-06T00:00"}
    console.post(at("add_multiplier"), fields)
    multiplier = PointMultiplier.objects.get()
    page = console.get(at("multiplier", multiplier.pk))
    assert page.context["form"].initial["starts_at"] == dt.datetime.fromisoformat("2026-07-04T00:00")
    assert f'href="{at("multiplier", multiplier.pk)}"' in console.get(at("rules")).text

    bad = console.post(at("multiplier", multiplier.pk), fields | {"factor": "0", "ends_at": "2026-07-01T00:00"})
    assert set(bad.context["form"].errors) == {"factor", "ends_at"} and PointMultiplierVersion.objects.count() == 1
    answer = console.post(at("multiplier", multiplier.pk), fields | {"name": "More", "factor": "3", "action": "buy"})

    assert answer["Location"] == at("rules")
    old, new = multiplier.versions.all()
    assert (old.factor, new.factor, old.action, new.action) == (10, 3, "", "buy")
    assert old.effective_until is not None and old.effective_until == new.effective_from
    logged = AuditEntry.objects.filter(event=AuditEntry.Event.POINTS_CHANGED, about="Stars: More × 3")
    assert logged.get().actor == member.user
    console.post(at("remove_multiplier", multiplier.pk))
    assert console.get(at("multiplier", multiplier.pk)).status_code == 404


def test_whoever_saves_second_sees_what_was_saved_and_keeps_what_was_typed(console, rule, at, now):
    opened = console.get(at("rule", rule.pk)).context["form"]["opened"].value()
    edit_rule(rule, points_per_event=8, daily_cap=50, now=now)

    typed = {"points_per_event": 7, "points_per_quantity": 0, "points_per_amount": 0, "currency": "USD"}
    typed["opened"] = opened
    refused = console.post(at("rule", rule.pk), typed)

    form = refused.context["form"]
    assert set(form.errors) == {"__all__", "points_per_event", "daily_cap"} and form["points_per_event"].value() == "7"
    assert "Somebody else saved this" in refused.text and "Saved now: 8." in refused.text
    assert rule.versions.count() == 2 and rule.versions.last().points_per_event == 8
    again = console.post(at("rule", rule.pk), typed | {"opened": form["opened"].value()})
    assert again.status_code == 302 and rule.versions.last().points_per_event == 7


def test_a_multiplier_that_somebody_else_saved_is_not_overwritten(console, rule, at, now):
    fields = {"name": "Much", "factor": "10", "starts_at": "2026-07-04T00:00"}
    console.post(at("add_multiplier"), fields)
    multiplier = PointMultiplier.objects.get()
    opened = console.get(at("multiplier", multiplier.pk)).context["form"]["opened"].value()
    values = {"factor": 2, "starts_at": dt.datetime(2026, 7, 5, tzinfo=dt.UTC)}
    edit_multiplier(multiplier, name="Much more", **values, now=now)

    refused = console.post(at("multiplier", multiplier.pk), fields | {"opened": opened})

    assert set(refused.context["form"].errors) == {"__all__", "name", "factor", "starts_at"}
    assert "Saved now: 2026-07-05 02:00." in refused.text and "Saved now: Much more." in refused.text
    multiplier.refresh_from_db()
    assert (multiplier.name, multiplier.current.factor) == ("Much more", 2)


def test_an_analyst_reads_and_changes_nothing(analyst, rule, at):
    assert analyst.get(at("rules")).status_code == 200
    changes = [at("add_rule"), at("rule", rule.pk), at("pause_rule", rule.pk), at("remove_rule", rule.pk)]

    assert {analyst.post(path, ALL).status_code for path in changes} == {403}
    assert PointRule.objects.get().is_active and rule.versions.count() == 1
