"""Tiers are saved after their outlook was shown; statuses are added, edited, deleted."""

from rewards.models import PointStatus, PointTier
from rewards.points.setup.rule_editor import add_status, edit_status
from rewards.points.setup.tiers import add_tier, edit_tier
from tests import make


def fields(campaign, **changes) -> dict:
    return {"points": 100, "group": campaign.groups.get().pk, "name": "", "seen": "", **changes}


def seen_of(answer) -> str:
    return answer.context["form"]["seen"].value()


def test_a_tier_is_saved_after_its_outlook_was_shown(console, campaign, program, ada, at):
    shown = console.post(at("add_tier"), fields(campaign, name="Mug", is_once="on"))

    outlook = shown.context["outlook"]
    assert (outlook.users, outlook.exchanges, outlook.outstanding_points) == (1, 1, 250)
    assert outlook.cost_cents == 2750 and outlook.liability_cents == 250 * 2750 // 100
    repeatable = console.post(at("add_tier"), fields(campaign, name="Mug", seen=seen_of(shown))).context["outlook"]
    assert (repeatable.exchanges, repeatable.cost_cents) == (2, 5500)
    assert "$27.50" in shown.text and not PointTier.objects.exists()

    saved = console.post(at("add_tier"), fields(campaign, name="Mug", is_once="on", seen=seen_of(shown)))

    assert saved["Location"] == at("tiers")
    tier = PointTier.objects.get()
    assert (tier.points, tier.name, tier.is_once, tier.is_automatic, tier.vintage) == (100, "Mug", True, False, None)
    assert "once per user" in console.get(at("tiers")).text


def test_what_changed_after_the_outlook_is_shown_again(console, campaign, ada, at):
    seen = seen_of(console.post(at("add_tier"), fields(campaign)))

    again = console.post(at("add_tier"), fields(campaign, points=50, seen=seen))

    assert again.context["outlook"].exchanges == 5 and not PointTier.objects.exists()


def test_an_automatic_tier_says_what_it_does_with_old_balances(console, campaign, program, ada, at):
    new = console.post(at("add_tier"), fields(campaign, is_automatic="on"))
    old = console.post(at("add_tier"), fields(campaign, is_automatic="on", includes_old_balances="on"))
    assert "from now on are exchanged automatically" in new.text and "already have are exchanged" in old.text

    console.post(at("add_tier"), fields(campaign, is_automatic="on", seen=seen_of(new)))
    assert PointTier.objects.get().vintage == 1

    alone = console.post(at("add_tier"), fields(campaign, points=7, includes_old_balances="on"))
    assert list(alone.context["form"].errors) == ["includes_old_balances"]


def test_bad_tiers_are_refused_at_their_fields(console, campaign, program, at, now):
    theirs = make.campaign()
    add_tier(program, points=100, group=campaign.groups.get(), now=now)
    bad = console.post(at("add_tier"), fields(theirs, points="0", name="a\u202eb"))
    assert set(bad.context["form"].errors) == {"points", "group", "name"}

    seen = seen_of(console.post(at("add_tier"), fields(campaign)))
    taken = console.post(at("add_tier"), fields(campaign, seen=seen))

    assert list(taken.context["form"].errors) == ["points"] and PointTier.objects.count() == 1


def test_a_tier_is_edited_and_retired(console, campaign, program, at, now):
    tier = add_tier(program, points=100, group=campaign.groups.get(), now=now)
    gold = add_status(program, name="Gold", threshold=1000, period_days=30, now=now)
    changes = fields(campaign, points=150, status=gold.pk)
    shown = console.post(at("tier", tier.pk), changes)
    console.post(at("tier", tier.pk), changes | {"seen": seen_of(shown)})
    tier.refresh_from_db()
    assert (tier.points, tier.status, tier.group) == (150, gold, campaign.groups.get())

    assert "Retire this tier?" in console.get(at("retire_tier", tier.pk)).text
    console.post(at("retire_tier", tier.pk))

    tier.refresh_from_db()
    assert tier.retired_at is not None and console.get(at("tier", tier.pk)).status_code == 404
    assert "Retired tiers" in console.get(at("tiers")).text


def test_a_status_is_added_edited_and_deleted(console, campaign, program, at, now):
    bad = console.post(at("add_status"), {"name": "", "threshold": "0", "period_days": "0", "grace_days": "-1"})
    assert set(bad.context["form"].errors) == {"name", "threshold", "period_days", "grace_days"}
    gold = {"name": "Gold", "threshold": 1000, "period_days": 365, "grace_days": 30}
    console.post(at("add_status"), gold)
    taken = console.post(at("add_status"), gold)
    assert list(taken.context["form"].errors) == ["name"]
    status = PointStatus.objects.get()

    console.post(at("status", status.pk), gold | {"threshold": 900})
    status.refresh_from_db()
    assert status.threshold == 900 and "Gold" in console.get(at("tiers")).text

    tier = add_tier(program, points=5, group=campaign.groups.get(), status=status, now=now)
    refused = console.post(at("remove_status", status.pk), follow=True)
    assert "needs the status “Gold”" in refused.text and PointStatus.objects.exists()
    console.post(at("retire_tier", tier.pk))
    console.post(at("remove_status", status.pk))
    assert not PointStatus.objects.exists()


def test_a_tier_that_somebody_else_saved_is_shown_with_its_cost_before_it_is_replaced(
    console, campaign, program, at, now
):
    tier = add_tier(program, points=100, group=campaign.groups.get(), now=now)
    opened = console.get(at("tier", tier.pk)).context["form"]["opened"].value()
    typed = fields(campaign, points=150, opened=opened)
    typed["seen"] = seen_of(console.post(at("tier", tier.pk), typed))
    edit_tier(tier, points=120, is_once=True, now=now)

    refused = console.post(at("tier", tier.pk), typed)

    assert set(refused.context["form"].errors) == {"__all__", "points", "is_once"}
    assert "Saved now: 120." in refused.text and "Saved now: yes." in refused.text
    tier.refresh_from_db()
    assert (tier.points, tier.is_once) == (120, True)
    typed |= {"opened": refused.context["form"]["opened"].value(), "seen": seen_of(refused)}
    shown = console.post(at("tier", tier.pk), typed)
    assert shown.context["outlook"] and shown.context["form"]["opened"].value() == typed["opened"]
    assert console.post(at("tier", tier.pk), typed | {"seen": seen_of(shown)}).status_code == 302


def test_a_status_that_somebody_else_saved_is_not_overwritten(console, program, at, now):
    status = add_status(program, name="Gold", threshold=1000, period_days=30, now=now)
    opened = console.get(at("status", status.pk)).context["form"]["opened"].value()
    edit_status(status, threshold=900, now=now)

    typed = {"name": "Gold", "threshold": 1000, "period_days": 60, "grace_days": 0, "opened": opened}
    refused = console.post(at("status", status.pk), typed)

    assert set(refused.context["form"].errors) == {"__all__", "threshold", "period_days"}
    assert PointStatus.objects.get().threshold == 900 and "Saved now: 900." in refused.text


def test_the_outlook_of_an_edit_counts_the_new_points_in_place_of_the_old(console, campaign, program, ada, at, now):
    tier = add_tier(program, points=10, group=campaign.groups.get(), now=now)

    shown = console.post(at("tier", tier.pk), fields(campaign, points=100))

    assert shown.context["outlook"].liability_cents == 250 * 2750 // 100


def test_an_analyst_reads_and_changes_nothing(analyst, campaign, program, at, now):
    tier = add_tier(program, points=100, group=campaign.groups.get(), now=now)

    assert analyst.get(at("tiers")).status_code == 200
    for path in (at("add_tier"), at("tier", tier.pk), at("retire_tier", tier.pk), at("add_status")):
        assert analyst.post(path, fields(campaign, points=5)).status_code == 403
    tier.refresh_from_db()
    assert tier.points == 100 and tier.retired_at is None and PointTier.objects.count() == 1
