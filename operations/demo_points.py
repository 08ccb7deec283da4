"""The demo's points program: eight weeks of a game's players who earn, exchange, and lose points."""

import datetime as dt
from decimal import Decimal

from accounts.models import App, Member
from accounts.organizations.service import change_app
from campaigns.models import Campaign
from rewards.models import PointsProgram
from rewards.points.adjustments import adjust_points
from rewards.points.events import EventRequest, record_events
from rewards.points.exchanges import exchange_points
from rewards.points.reversals import reverse_event
from rewards.points.setup.programs import create_program
from rewards.points.setup.rule_editor import add_category, add_multiplier, add_rule, add_status
from rewards.points.setup.tiers import add_tier

WEEKS = 8
PLAYERS = ("mia", "noah", "sofia", "liam", "yuki", "omar")
COLOR = "#0b7a75"


def create_points_demo(member: Member, app: App, live: Campaign, *, now: dt.datetime) -> PointsProgram:
    """The organization's program, made once; a repeat returns it."""
    found = PointsProgram.objects.filter(organization=member.organization).first()
    if found:
        return found
    began = now - dt.timedelta(weeks=WEEKS)
    change_app(app, color=COLOR, by=member.user)
    program = create_program(
        member, name="Lantern stars", time_zone="Europe/Berlin", apps=[app], points_valid_days=365, now=began
    )
    add_rules(program, member, began, now)
    group = live.groups.get()
    small = add_tier(program, points=200, group=group, name="Pick a present", by=member, now=began)
    add_tier(program, points=1500, group=group, name="Anniversary present", is_once=True, by=member, now=began)
    for week in range(WEEKS, 0, -1):
        play(app, week, now - dt.timedelta(weeks=week))
    exchange_points(app, app_user_id="mia", tier=small, idempotency_key="demo-1", now=now - dt.timedelta(days=3))
    exchange_points(app, app_user_id="yuki", tier=small, idempotency_key="demo-2", now=now - dt.timedelta(days=2))
    reverse_event(app, "demo-buy-noah-1", reason="The purchase was refunded.", by=member, now=now)
    adjust_points(
        program,
        app_user_id="sofia",
        points=50,
        reason="A level was not counted during an outage.",
        idempotency_key="demo-adjust",
        by=member,
        now=now,
    )
    return program


def add_rules(program: PointsProgram, member: Member, began: dt.datetime, now: dt.datetime) -> None:
    add_category(program, key="games", name="Games")
    add_category(program, key="books", name="Books")
    add_rule(program, action="level_up", points_per_event=25, daily_cap=100, by=member, now=began)
    add_rule(program, action="ad_watched", points_per_event=2, daily_cap=20, weekly_cap=80, by=member, now=began)
    add_rule(
        program, action="purchase", points_per_amount=Decimal(2), currency="USD", pending_days=14, by=member, now=began
    )
    add_rule(
        program,
        action="purchase",
        category="books",
        points_per_amount=Decimal(4),
        currency="USD",
        pending_days=14,
        by=member,
        now=began,
    )
    add_rule(program, action="app_first_seen", points_per_event=150, lifetime_cap=450, by=member, now=began)
    add_status(program, name="Silver", threshold=300, period_days=90, grace_days=14, by=member, now=began)
    gold = add_status(program, name="Gold", threshold=900, period_days=90, grace_days=14, by=member, now=began)
    add_multiplier(program, name="Gold players", factor=Decimal("1.25"), status=gold, by=member, now=began)
    add_multiplier(
        program,
        name="Double weekend",
        factor=Decimal(2),
        starts_at=now - dt.timedelta(days=9),
        ends_at=now - dt.timedelta(days=7),
        by=member,
        now=began,
    )


def play(app: App, week: int, at: dt.datetime) -> None:
    """One week's events of all players; some play more than others."""
    events: list[EventRequest] = []
    for place, player in enumerate(PLAYERS):
        events += [
            EventRequest(f"demo-level-{player}-{week}-{number}", player, "level_up")
            for number in range(1 + (place + week) % 4)
        ]
        events.append(EventRequest(f"demo-ad-{player}-{week}", player, "ad_watched"))
        if place % 2 == week % 2:
            cents, category = 999 + 500 * place, "books" if week % 3 == 0 else "games"
            buy = EventRequest(f"demo-buy-{player}-{week}", player, "purchase", category, 1, cents, "USD")
            events.append(buy)
    record_events(app, events, now=at)
