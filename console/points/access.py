"""What of a points program the caller's organization may see. Another organization's is not found."""

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.organizations.access import MemberRequest
from rewards.models import PointAccount, PointRule, PointsProgram, PointTier
from rewards.points.lookups import LIVE
from rewards.points.setup.tiers import tiers_of

LARGEST = 2**63 - 1  # of an id; a larger number in an address is no row's


def program_of(request: MemberRequest, pk: UUID) -> PointsProgram:
    return get_object_or_404(PointsProgram, pk=pk, organization_id=request.member.organization_id)


def rule_of(program: PointsProgram, pk: int) -> PointRule:
    """A rule that was not deleted."""
    rules = PointRule.objects.filter(program=program, deleted_at=None).select_related("category", "program")
    return get_object_or_404(rules, pk=within(pk))


def tier_of(program: PointsProgram, pk: int) -> PointTier:
    """A tier that was not retired."""
    return get_object_or_404(tiers_of(program), pk=within(pk))


def account_of(program: PointsProgram, pk: int) -> PointAccount:
    """A user's live account."""
    return get_object_or_404(PointAccount, pk=within(pk), program=program, test_ledger=LIVE)


def within(pk: int) -> int:
    if pk > LARGEST:
        raise Http404
    return pk
