"""The points page of an app's user: opened by a signed link, without an account."""

import logging

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from moments import clock
from moments.errors import RuleViolation
from moments.web.colors import HEX, shifted, text_on
from moments.web.private_pages import private, see_other
from rewards.issuing.service import reward_link
from rewards.models import PointExchange
from rewards.points.balances import TierProgress, entries_of, user_points
from rewards.points.exchanges import ExchangeResult, exchange_points, exchanges_of
from rewards.points.hosted_page import progress
from rewards.points.hosted_page.links import open_page_link
from rewards.points.hosted_page.visits import (
    OpenVisit,
    is_exchange_key,
    new_exchange_key,
    remember_visit,
    visit_or_none,
)

logger = logging.getLogger(__name__)
PAGE = 30  # lines of the history and of the rewards on one page


@private
@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """The signed link. Exchanges the token for a path without it."""
    try:
        open_page_link(token, now=clock.now())
    except RuleViolation:
        return closed(request, status=404)
    return see_other(reverse("points_page:points", args=[remember_visit(request, token)]))


def closed(request: HttpRequest, *, status: int = 410) -> HttpResponse:
    """No visit behind the address: it has ended, or the browser keeps no cookies."""
    context = {"has_cookies": bool(request.COOKIES)}
    response = render(request, "rewards/points/hosted_page/closed.html", context, status=status)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@private
@require_safe
def points(request: HttpRequest, handle: str) -> HttpResponse:
    now = clock.now()
    if (found := visit_or_none(request, handle, now=now)) is None:
        return closed(request)
    visit = found.visit
    mine = user_points(visit.program, visit.app_user_id, is_live=visit.is_live, now=now)
    context = {"mine": mine, "next_tier": progress.next_tier(mine), "expiring": mine.expiring[:3]}
    return page(request, found, "points", context)


@private
@require_safe
def history(request: HttpRequest, handle: str) -> HttpResponse:
    """The user's ledger, the newest first."""
    if (found := visit_or_none(request, handle, now=clock.now())) is None:
        return closed(request)
    visit = found.visit
    entries = entries_of(visit.program, visit.app_user_id, is_live=visit.is_live)
    lines, following = page_of(entries, request.GET.get("before", ""))
    return page(request, found, "history", {"lines": lines, "following": following})


@private
@require_safe
def rewards(request: HttpRequest, handle: str) -> HttpResponse:
    """The rewards that the user exchanged points for, with their links."""
    if (found := visit_or_none(request, handle, now=clock.now())) is None:
        return closed(request)
    visit = found.visit
    exchanges = exchanges_of(visit.program, visit.app_user_id, is_live=visit.is_live)
    rows, following = page_of(exchanges, request.GET.get("before", ""))
    context = {"rows": [(row, url_of(row)) for row in rows], "following": following}
    return page(request, found, "rewards", context)


def url_of(exchange: PointExchange) -> str:
    """The reward's link; "" on a test ledger, which has previews only."""
    return reward_link(exchange.reward) if exchange.reward else ""


def page_of(rows: QuerySet, before: str) -> tuple[list, str]:
    """One page of ``rows`` with an id below ``before``, and where the next one begins; "" on the last."""
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE + 1])
    return found[:PAGE], str(found[PAGE - 1].pk) if len(found) > PAGE else ""


@private
@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: HttpRequest, handle: str, tier_id: int) -> HttpResponse:
    """Ask once, then exchange. The reward's link is in the answer and in the user's list of rewards."""
    now = clock.now()
    if (found := visit_or_none(request, handle, now=now)) is None:
        return closed(request)
    visit = found.visit
    mine = user_points(visit.program, visit.app_user_id, is_live=visit.is_live, now=now)
    wanted = next((each for each in mine.tiers if each.tier.pk == tier_id), None)
    if wanted is None:
        raise Http404
    context = {"wanted": wanted, "mine": mine, "left": mine.balance.available - wanted.tier.points}
    if request.method == "POST" and is_exchange_key(request, handle, key := request.POST.get("key", "")):
        try:
            done = exchange_points(
                visit.app,
                app_user_id=visit.app_user_id,
                tier=wanted.tier,
                idempotency_key=f"points-page:{key}",
                is_live=visit.is_live,
                now=now,
            )
        except RuleViolation as refusal:
            logger.info("A points page was refused an exchange: %s", refusal.code)
            return page(request, found, "refused", {**context, "reason": progress.reason_for(refusal.code)}, status=409)
        return exchanged(request, found, wanted, done)
    return page(request, found, "confirm", {**context, "key": new_exchange_key(request, handle)})


def exchanged(request: HttpRequest, found: OpenVisit, wanted: TierProgress, done: ExchangeResult) -> HttpResponse:
    return page(request, found, "exchanged", {"wanted": wanted, "done": done})


def page(request: HttpRequest, found: OpenVisit, name: str, context: dict, *, status: int = 200) -> HttpResponse:
    visit = found.visit
    shared = {"handle": found.handle, "visit": visit, "app": visit.app, "program": visit.program, "tab": name}
    return render(request, f"rewards/points/hosted_page/{name}.html", {**shared, **context}, status=status)


@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def colors(request: HttpRequest, color: str) -> HttpResponse:
    """An app's color as a stylesheet: the content security policy allows no style within a page."""
    value = f"#{color}"
    if not HEX.fullmatch(value):
        raise Http404
    rules = f":root{{--app:{value};--app-strong:{shifted(value)};--app-ink:{text_on(value)}}}"
    return HttpResponse(rules, content_type="text/css; charset=utf-8")
