"""A user's page: balance, ledger, exchanges, and what members do by hand."""

import csv
import datetime as dt
import io
import zoneinfo

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from rewards.issuing.service import reward_link
from rewards.models import PointEntry, PointEvent, Reward
from rewards.points.adjustments import adjust_points
from rewards.points.balances import balance_of
from rewards.points.events import EventRequest, record_event
from rewards.points.setup.rule_editor import add_rule
from rewards.points.setup.tiers import add_tier
from tests import make


def key_of(page) -> str:
    return page.context["form"]["once"].value()


def test_the_page_shows_balance_tiers_ledger_and_reward_urls(console, campaign, program, ada, at, now):
    tier = add_tier(program, points=200, name="Mug", group=campaign.groups.get(), now=now)
    far = add_tier(program, points=500, group=campaign.groups.get(), now=now)
    assert "Exchange" in console.get(at("user", ada.pk)).text
    console.post(at("exchange", tier.pk), {"user": "ada", "once": "once"})

    page = console.get(at("user", ada.pk))

    points = page.context["points"]
    assert (points.balance.available, points.balance.pending, points.balance.owed) == (50, 0, 0)
    assert [(row.tier, row.progress) for row in points.tiers] == [(tier, 25), (far, 10)]
    assert [entry.amount for entry in page.context["entries"]] == [-200, 250]
    assert reward_link(Reward.objects.get()) in page.text and "Welcome" in page.text


def test_an_analyst_reads_without_reward_urls_and_changes_nothing(analyst, app, campaign, program, rule, ada, at, now):
    tier = add_tier(program, points=200, group=campaign.groups.get(), is_automatic=True, now=now)
    record_event(app, EventRequest("e1", "ada", "buy"), now=now)
    record_event(app, EventRequest("e2", "ada", "buy"), now=now)
    event = PointEvent.objects.first()
    before = PointEntry.objects.count()

    page = analyst.get(at("user", ada.pk))

    assert page.status_code == 200 and reward_link(Reward.objects.get()) not in page.text
    assert analyst.get(at("export", ada.pk)).status_code == 200
    for path in (at("adjust", ada.pk), at("reverse_event", ada.pk, event.pk), at("exchange", tier.pk), at("record")):
        assert analyst.post(path, {"points": 5, "reason": "x", "once": "k2", "user": "ada"}).status_code == 403
    assert PointEntry.objects.count() == before


def test_the_ledger_is_read_page_by_page(console, program, ada, at, now, monkeypatch):
    monkeypatch.setattr("console.points.user_views.PAGE", 2)
    for number in range(4):
        adjust_points(program, app_user_id="ada", points=1, reason="x", idempotency_key=f"n{number}", now=now)

    first = console.get(at("user", ada.pk))
    second = console.get(at("user", ada.pk), {"before": first.context["older"]})
    last = console.get(at("user", ada.pk), {"before": second.context["older"]})

    ids = [entry.pk for page in (first, second, last) for entry in page.context["entries"]]
    assert ids == sorted(PointEntry.objects.values_list("pk", flat=True), reverse=True)
    assert last.context["older"] is None and not last.context["is_first"]
    for nonsense in ("x", "-1", "9" * 40, "٣"):
        assert console.get(at("user", ada.pk), {"before": nonsense}).context["is_first"]


def test_pending_points_say_from_when_they_can_be_spent(console, app, program, at, now):
    add_rule(program, action="order", points_per_event=10, pending_days=14, now=now)
    record_event(app, EventRequest("o1", "ada", "order"), now=now)

    page = console.get(at("user", PointEvent.objects.get().account_id))

    assert page.context["points"].balance.pending == 10 and "Pending until" in page.text


def test_the_ledger_is_downloaded_as_csv(console, program, ada, at, now):
    adjust_points(program, app_user_id="ada", points=-50, reason="=1+1", idempotency_key="n", now=now)

    content = console.get(at("export", ada.pk)).getvalue()

    assert content.startswith(b"\xef\xbb\xbf")
    head, newest, oldest = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert head[:3] == ["entry_id", "kind", "points"]
    assert newest[1:3] == ["adjustment", "-50"] and newest[5] == "'=1+1"
    assert oldest[1:3] == ["adjustment", "250"]
    assert AuditEntry.objects.get(event=AuditEntry.Event.EXPORTED).about == "Stars: ada"


def test_an_adjustment_needs_a_reason_and_counts_once(console, member, program, ada, at, now):
    bad = console.post(at("adjust", ada.pk), {"points": "0", "reason": " ", "once": "k1"})
    assert set(bad.context["form"].errors) == {"points", "reason"}
    much = console.post(at("adjust", ada.pk), {"points": "-251", "reason": "Fraud", "once": "k1"})
    assert much.context["form"].errors and balance_of(program, "ada", now=now).available == 250

    key = key_of(console.get(at("adjust", ada.pk)))
    for _click in range(2):
        console.post(at("adjust", ada.pk), {"points": "-200", "reason": "Fraud", "once": key})

    assert balance_of(program, "ada", now=now).available == 50
    logged = AuditEntry.objects.filter(event=AuditEntry.Event.POINTS_ADJUSTED).latest("pk")
    assert logged.actor == member.user and "Fraud" in logged.about


def test_an_event_is_reversed_in_part_and_whole(console, app, program, at, now):
    add_rule(program, action="order", points_per_amount=1, currency="USD", now=now)
    record_event(app, EventRequest("o1", "ada", "order", amount_minor=10_000, currency="USD"), now=now)
    event = PointEvent.objects.select_related("account").get()
    page = at("reverse_event", event.account_id, event.pk)
    shown = console.get(page)
    assert "100 of 100 not reversed" in shown.text
    for amount in ("0", "x", "100.01"):
        refused = console.post(page, {"amount": amount, "once": "k1"})
        assert list(refused.context["form"].errors) == ["amount"], amount
    assert balance_of(program, "ada", now=now).available == 100

    for _click in range(2):
        console.post(page, {"amount": "25.00", "reason": "Return", "once": key_of(shown)})
    assert balance_of(program, "ada", now=now).available == 75
    console.post(page, {"amount": "", "once": key_of(console.get(page))})

    assert balance_of(program, "ada", now=now).available == 0
    assert "All points of this event were reversed" in console.get(page).text


def test_an_event_with_money_and_category_is_recorded_by_hand(console, app, program, at, now):
    add_rule(program, action="order", category="shoes", points_per_amount=2, currency="EUR", now=now)
    page = console.get(at("record"))
    event = page.context["form"]["event_id"].value()
    given = {"app": app.pk, "app_user_id": "ada", "action": "order", "quantity": 1, "event_id": event}
    refused = [
        ({"category": "shoes", "amount": "1,5", "currency": "EUR"}, "amount"),
        ({"category": "shoes", "amount": "5", "currency": ""}, "currency"),
        ({"category": "shoes", "amount": "5", "currency": "USD"}, "currency"),
        ({"category": "", "amount": "5", "currency": "EUR"}, "category"),
        ({"category": "hats", "amount": "5", "currency": "EUR"}, "category"),
    ]
    for fields, wrong in refused:
        assert list(console.post(at("record"), given | fields).context["form"].errors) == [wrong], fields
    assert not PointEvent.objects.exists()

    answer = console.post(at("record"), given | {"category": "shoes", "amount": "19.99", "currency": "EUR"})

    found = PointEvent.objects.get()
    assert (found.points, found.amount_minor) == (39, 1999)
    assert answer["Location"] == at("user", found.account_id)


def test_an_event_recorded_by_hand_has_its_own_time(console, app, program, rule, at, now):
    page = console.get(at("record"), {"user": "ada"})
    assert "in the time zone Europe/Berlin" in page.text
    given = {"app": app.pk, "app_user_id": "ada", "action": "buy", "quantity": "1", "event_id": "e1"}
    early = (now - dt.timedelta(days=8)).strftime("%Y-%m-%dT%H:%M")
    later = (now + dt.timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    for time in (early, later, "yesterday", "2026-03-29T02:30", "0001-01-01T00:00", "9999-12-31T23:59", "\u0663"):
        refused = console.post(at("record"), given | {"occurred_at": time, "quantity": "7"})
        assert list(refused.context["form"].errors) == ["occurred_at"], time
        assert [refused.context["form"][name].value() for name in ("occurred_at", "quantity")] == [time, "7"]
        assert f'value="{time}"' in refused.text
    assert not PointEvent.objects.exists()

    local = (now - dt.timedelta(days=3)).astimezone(zoneinfo.ZoneInfo("Europe/Berlin"))
    console.post(at("record"), given | {"occurred_at": f"{local:%Y-%m-%dT%H:%M}"})

    assert PointEvent.objects.get().occurred_at == local.replace(second=0, microsecond=0)


@pytest.mark.parametrize("name", ["user", "adjust", "export"])
def test_a_strangers_user_is_not_found(console, campaign, ada, name, client):
    theirs = make.campaign()
    other = reverse(f"console:points:{name}", args=[ada.program_id, ada.pk])
    client.force_login(theirs.organization.members.get().user)

    assert client.get(other).status_code == 404
