"""The demo's points program shows everything that a program does, and its ledger adds up."""

from operations.demo_points import PLAYERS, create_points_demo
from rewards.ledger.reconciliation import reconcile
from rewards.models import PointAccount, PointEntry, PointExchange
from rewards.points.balances import user_points


def test_a_program_in_full_life_is_made_once(campaign, now):
    member = campaign.organization.members.get()

    program = create_points_demo(member, campaign.app, campaign, now=now)

    assert PointAccount.objects.filter(program=program).count() == len(PLAYERS)
    assert set(PointEntry.objects.values_list("kind", flat=True)) == {"credit", "debit", "reversal", "adjustment"}
    assert PointExchange.objects.count() == 2
    mia = user_points(program, "mia", now=now)
    assert mia.balance.available > 0 and mia.expiring and mia.status
    assert any(user_points(program, player, now=now).balance.pending for player in PLAYERS)
    assert reconcile(now=now) == []
    assert create_points_demo(member, campaign.app, campaign, now=now) == program
    assert PointExchange.objects.count() == 2
