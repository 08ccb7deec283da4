"""A points program for benches, harnesses and scripts, made through the same services as any other."""

import datetime as dt
import io
import json
import re
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import App, Member
from campaigns.models import Campaign
from moments import clock
from moments.commands import whole_number
from moments.errors import RuleViolation
from rewards.points.setup.programs import create_program
from rewards.points.setup.rule_editor import add_rule
from rewards.points.setup.tiers import add_tier


class Command(BaseCommand):
    help = "Makes a points program over the app of a live campaign of its own and prints their ids as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rule", action="append", default=[], help="ACTION=POINTS or ACTION:CATEGORY=POINTS")
        parser.add_argument("--tier", action="append", default=[], type=whole_number, help="points of a tier")
        parser.add_argument("--automatic", action="store_true", help="tiers are exchanged automatically")
        parser.add_argument("--expires-days", type=whole_number, help="days after which points expire")
        parser.add_argument("--pending-days", type=whole_number, default=0, help="days for which points are pending")
        parser.add_argument("--organization", help="id or name of one that exists; else a new one")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        try:
            with transaction.atomic():
                made = make(options, now)
        except RuleViolation as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(json.dumps(made, indent=2))


def make(options: dict[str, Any], now: dt.datetime) -> dict[str, Any]:
    rules = [read_rule(text) for text in options["rule"]]
    out = io.StringIO()
    call_command("make_campaign", organization=options["organization"], stdout=out)
    ids = json.loads(out.getvalue())
    app = App.objects.get(pk=ids["appId"])
    member = Member.objects.filter(organization=app.organization_id, role=Member.Role.OWNER).order_by("id")[0]
    program = create_program(
        member,
        name=f"Points {secrets.token_hex(4)}",
        time_zone="UTC",
        apps=[app],
        points_valid_days=options["expires_days"],
        pending_days=options["pending_days"],
        now=now,
    )
    for action, category, points in rules:
        add_rule(program, action=action, category=category, points_per_event=points, now=now)
    group = Campaign.objects.get(pk=ids["campaignId"]).groups.get()
    tiers = [
        add_tier(program, points=points, group=group, is_automatic=options["automatic"], now=now).pk
        for points in options["tier"]
    ]
    named = ("organizationId", "appId", "apiKey", "testApiKey")
    of_campaign = ("campaignId", "momentId", "rewardGroupId")
    return {
        **{name: ids[name] for name in named},
        "programId": str(program.pk),
        **{name: ids[name] for name in of_campaign},
        "tiers": tiers,
    }


def read_rule(text: str) -> tuple[str, str, int]:
    """``level=50``, or ``purchase:books=10`` for a category."""
    named, _equals, points = text.rpartition("=")
    action, _colon, category = named.partition(":")
    if not action or not re.fullmatch("[1-9][0-9]{0,8}", points):
        raise CommandError(f"--rule is “{text}”; write ACTION=POINTS or ACTION:CATEGORY=POINTS.")
    return action, category, int(points)
