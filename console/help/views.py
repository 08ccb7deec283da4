"""Console pages for playbooks and the badge."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.organizations.access import MemberRequest, member_required
from console.help.playbooks import BY_SLUG, PLAYBOOKS

BADGES = ["badge-light", "badge-dark"]


@require_safe
@member_required()
def index(request: MemberRequest) -> HttpResponse:
    return render(request, "console/help/index.html", {"guides": PLAYBOOKS})


@require_safe
@member_required()
def playbook(request: MemberRequest, slug: str) -> HttpResponse:
    if slug not in BY_SLUG:
        raise Http404
    others = [found for found in PLAYBOOKS if found.slug != slug]
    return render(request, "console/help/playbook.html", {"guide": BY_SLUG[slug], "others": others})


@require_safe
@member_required()
def badge(request: MemberRequest) -> HttpResponse:
    return render(request, "console/help/badge.html", {"badges": BADGES})
