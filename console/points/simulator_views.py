"""Console page: what events would earn, and why."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from console.points.access import program_of
from console.points.simulator_forms import SimulatorForm
from moments import clock
from rewards.points.rules import DAY, LIFETIME, WEEK, Reason
from rewards.points.simulator import Simulated, simulate

REASONS: dict[Reason, str | Promise] = {
    Reason.EARNED: "",
    Reason.CAPPED: _("The user reaches the cap."),
    Reason.NOT_IN_FORCE: _("No rule was active at that time."),
    Reason.NOT_VALID: _("The time is outside of the rule's validity."),
    Reason.BELOW_MINIMUM: _("The event is below the rule's minimum."),
    Reason.NOTHING: _("The rule has no points for this quantity or amount."),
}
CAPS: dict[str, str | Promise] = {DAY: _("daily"), WEEK: _("weekly"), LIFETIME: _("lifetime")}


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


@member_required(*EDITORS)
def simulator(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Nothing is stored. The events are judged in their order: each uses up caps for those that follow."""
    program = program_of(request, pk)
    initial = {"app_user_id": request.GET.get("user", "").replace("\x00", "")}
    form = SimulatorForm(request.POST or None, program=program, initial=initial)
    context = {"program": program, "form": form, "lines": None}
    if request.method == "POST" and form.is_valid():
        lines = [line_of(one) for one in simulate(program, form.cleaned_data["requests"], now=clock.now())]
        total = sum(line.simulated.verdict.points for line in lines if line.simulated.verdict)
        context |= {"lines": lines, "total": total}
    return render(request, "console/points/simulator.html", context)
