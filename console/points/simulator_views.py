"""Console page: what events would earn, and why."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.organizations.access import MemberRequest, member_required
from console.points.access import program_of
from console.points.simulator_forms import NOBODY, SimulatorForm
from moments import clock
from rewards.models import PointAccount, PointsProgram
from rewards.points.balances import UserPoints, user_points
from rewards.points.lookups import LIVE
from rewards.points.rules import DAY, LIFETIME, WEEK, Reason
from rewards.points.simulator import Simulated, simulate

REASONS: dict[Reason, str | Promise] = {
    Reason.EARNED: "",
    Reason.CAPPED: _("The user has reached the cap."),
    Reason.NOT_IN_FORCE: _("No rule was active at that time."),
    Reason.NOT_VALID: _("The rule is not valid at that time."),
    Reason.BELOW_MINIMUM: _("The event is below the rule's minimum."),
    Reason.NOTHING: _("The rule gives no points for this quantity or amount."),
}
MOST_USERS = 5
CAPS: dict[str, str | Promise] = {DAY: _("a day"), WEEK: _("a week"), LIFETIME: _("per user")}


@dataclass(frozen=True)
class Line:
    """One event as the page shows it: ``tag`` and ``label`` for its result, ``why`` for less than the rule gives."""

    simulated: Simulated
    tag: str
    label: str | Promise
    why: str | Promise = ""
    cap: str | Promise = ""
    cap_points: int | None = None


def line_of(simulated: Simulated) -> Line:
    verdict = simulated.verdict
    if verdict is None:
        return Line(simulated, "failed", _("refused"), simulated.refusal.message if simulated.refusal else "")
    tag, label = ("works", _("earns points")) if verdict.points else ("closed", _("earns nothing"))
    limits = {}
    if verdict.version is not None:
        version = verdict.version
        limits = {DAY: version.daily_cap, WEEK: version.weekly_cap, LIFETIME: version.lifetime_cap}
    return Line(simulated, tag, label, REASONS[verdict.reason], CAPS.get(verdict.cap, ""), limits.get(verdict.cap))


@member_required()
def simulator(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Nothing is stored. The events are judged in their order: each uses up caps for those that follow."""
    program, now = program_of(request, pk), clock.now()
    initial = {"app_user_id": request.GET.get("user", "").replace("\x00", "")}
    form = SimulatorForm(request.POST or None, program=program, initial=initial)
    context = {"program": program, "form": form, "lines": None, "now": now, "nobody": NOBODY}
    if request.method == "POST" and form.is_valid():
        lines = [line_of(one) for one in simulate(program, form.cleaned_data["requests"], now=now)]
        total = sum(line.simulated.verdict.points for line in lines if line.simulated.verdict)
        context |= {"lines": lines, "total": total, "users": judged_users(program, lines, now)}
    return render(request, "console/points/simulator.html", context)


@dataclass(frozen=True)
class Judged:
    """A user for whom events were judged. ``account`` is None for one whom the program does not know yet."""

    app_user_id: str
    account: PointAccount | None
    points: UserPoints | None


def judged_users(program: PointsProgram, lines: list[Line], now: dt.datetime) -> list[Judged]:
    """As many as fit on the page, in the order of their events."""
    users = list(dict.fromkeys(line.simulated.event.app_user_id for line in lines))[:MOST_USERS]
    found = PointAccount.objects.filter(program=program, test_ledger=LIVE, app_user_id__in=users)
    accounts = {account.app_user_id: account for account in found}
    return [
        Judged(
            "" if user == NOBODY else user,
            accounts.get(user),
            user_points(program, user, now=now) if user in accounts else None,
        )
        for user in users
    ]
