"""A program at a glance, its settings, its apps, its test ledger."""

import pytest

from rewards.models import ProgramApp
from rewards.points.adjustments import adjust_points
from rewards.points.balances import balance_of
from rewards.points.events import EventRequest, record_event
from rewards.points.setup.programs import create_program
from rewards.points.setup.tiers import add_tier
from tests import make


def test_the_first_page_reads_at_a_glance(console, member, campaign, app, program, rule, ada, at, now):
    tier = add_tier(program, points=100, group=campaign.groups.get(), now=now)
    record_event(app, EventRequest("e1", "bob", "buy"), now=now)
    console.post(at("exchange", tier.pk), {"user": "ada", "once": "x"})

    page = console.get(at("program"))

    overview = page.context["overview"]
    assert (overview.members, overview.outstanding) == (2, 250)
    month = overview.month
    assert (month.credited, month.spent, month.expired, month.adjusted) == (100, 100, 0, 250)
    assert overview.liability_cents > 0 and len(overview.days) == 30
    assert '"action": "buy"' in overview.sample_call and "/api/v1/events" in page.text
    assert page.text.count("<svg viewBox") == 2 and "Show as table" in page.text


def test_a_program_without_rules_says_what_to_do_first(console, program, at):
    page = console.get(at("program")).text

    assert "Add a rule first" in page and at("add_rule") in page


def test_settings_are_saved_and_bad_ones_refused(console, program, at):
    bad = console.post(at("settings"), {"name": "", "pending_days": "-1", "points_valid_days": "0"})
    assert set(bad.context["form"].errors) == {"name", "pending_days", "points_valid_days"}

    console.post(at("settings"), {"name": "Moons", "pending_days": "14", "points_valid_days": "365"})

    program.refresh_from_db()
    assert (program.name, program.pending_days, program.points_valid_days) == ("Moons", 14, 365)
    console.post(at("settings"), {"name": "Moons", "pending_days": "0", "points_valid_days": ""})
    program.refresh_from_db()
    assert program.points_valid_days is None


def test_a_taken_name_is_refused_at_its_field(console, member, program, at, now):
    create_program(member, name="Moons", time_zone="UTC", apps=[], now=now)

    answer = console.post(at("settings"), {"name": "Moons", "pending_days": "0"})

    assert list(answer.context["form"].errors) == ["name"]
    program.refresh_from_db()
    assert program.name == "Stars"


def test_apps_join_and_leave(console, member, app, program, at):
    other = make.app(member)
    console.post(at("join_app"), {"app": str(other.pk)})
    assert set(program.current_apps) == {app, other}

    assert "Remove this app from the program?" in console.get(at("leave_app", other.pk)).text
    console.post(at("leave_app", other.pk))

    assert set(program.current_apps) == {app}
    assert ProgramApp.objects.get(app=other).left_at is not None
    assert console.get(at("leave_app", other.pk)).status_code == 404


@pytest.mark.parametrize("whose", ["stranger's", "taken"])
def test_an_app_of_others_or_of_a_program_cannot_join(console, app, program, at, whose):
    given = app if whose == "taken" else make.app(make.member())

    answer = console.post(at("join_app"), {"app": str(given.pk)}, follow=True)

    assert "Choose one of your apps" in answer.text and ProgramApp.objects.count() == 1


def test_the_test_ledger_is_cleared_after_one_question(console, program, ada, at, now):
    adjust_points(program, app_user_id="t", points=5, reason="x", idempotency_key="t", is_live=False, now=now)
    assert "Clear the test ledger?" in console.get(at("clear_test_ledger")).text
    assert balance_of(program, "t", is_live=False, now=now).available == 5

    console.post(at("clear_test_ledger"))

    program.refresh_from_db()
    assert balance_of(program, "t", is_live=False, now=now).available == 0
    assert balance_of(program, "ada", now=now).available == 250
