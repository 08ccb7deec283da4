"""Rewards: tried without effect, issued, listed, voided. Nothing here moves when a reward is redeemed."""

import uuid
from dataclasses import replace

from django.http import HttpResponse
from ninja import Query, Router, Status

from accounts.models import App
from api.compatible.routes import force_refusal
from api.v1.reward_shapes import (
    PreviewOut,
    ReasonOut,
    RewardIn,
    RewardOut,
    RewardsOut,
    State,
    ask_of,
    shown,
    shown_preview,
)
from api.v1.shapes import (
    IDEMPOTENCY_KEY,
    PROBLEMS,
    CallerRequest,
    bad_cursor,
    found_by_id,
    idempotency_key,
    refuse_unstorable,
    uuid_or_none,
)
from campaigns.models import Campaign
from moments import clock
from moments.errors import RuleViolation
from moments.money import as_text
from rewards.issuing import listing
from rewards.issuing.developer_view import developer_view
from rewards.issuing.outcomes import IssueOutcome
from rewards.issuing.preflight import dry_run
from rewards.issuing.refusals import refusal
from rewards.issuing.service import issue_and_mail, issue_reward
from rewards.issuing.voiding import void_reward

router = Router(tags=["rewards"])
STATUS = Query(None, description="Of this status.")


@router.post("/rewards/preview", response={200: PreviewOut, **PROBLEMS}, summary="Would this reward be issued?")
def preview_reward(request: CallerRequest, body: RewardIn) -> PreviewOut:
    """Takes the body of ``POST /rewards`` and answers whether the reward would be issued now and at what charge, with
    every reason if it would not. Issues, consumes, and charges nothing. In test mode the reward would be a preview."""
    _refuse_incomplete(body)
    ask = ask_of(body, request.auth)
    found = dry_run(ask, now=clock.now())
    reasons = found.reasons
    try:
        force_refusal(ask)
    except RuleViolation as forced:
        reasons = [forced]
    return PreviewOut(
        would_issue=not reasons,
        charge=None if found.charge_cents is None else as_text(found.charge_cents, "USD"),
        currency="USD",
        remaining=found.remaining_count,
        reasons=[ReasonOut(code=reason.code, detail=reason.message) for reason in reasons],
    )


@router.post(
    "/rewards",
    response={200: RewardOut, 201: RewardOut, **PROBLEMS},
    summary="Issue a reward",
    openapi_extra={"parameters": [IDEMPOTENCY_KEY]},
)
def post_reward(request: CallerRequest, body: RewardIn, response: HttpResponse) -> Status[RewardOut]:
    """Issues one reward and charges its cost per action. Needs an ``Idempotency-Key`` header: a repeat with the same
    body gets the same reward and charges nothing; another body is refused (422). A refused call does not use up its
    key. Test keys and campaigns that are approved but not live get the campaign's preview."""
    key = idempotency_key(request)
    _refuse_incomplete(body)
    ask, now = ask_of(body, request.auth, key=key), clock.now()
    force_refusal(ask)
    issued = issue_and_mail(ask, to_email=body.email, now=now) if body.send and body.email else issue_reward(ask)
    if issued.is_preview:
        return Status(201, shown_preview(body, issued))
    if issued.is_replay:
        response["Idempotent-Replayed"] = "true"
    [found] = developer_view([listing.reward_of(request.auth.app, issued.reward_id)], now=now)
    return Status(200 if issued.is_replay else 201, shown(found))


@router.get("/rewards", response={200: RewardsOut, **PROBLEMS}, summary="Rewards of your app")
def get_rewards(
    request: CallerRequest,
    campaign: str | None = Query(None, description="Of this campaign."),
    user_id: str | None = Query(None, min_length=1, max_length=128, description="Of this user of yours."),
    external_id: str | None = Query(None, min_length=1, max_length=128, description="With this id of yours."),
    status: State | None = STATUS,
    limit: int = Query(50, ge=1, le=200, description="How many, 200 at most."),
    cursor: str = Query("", description="The value of next of the page before."),
) -> RewardsOut:
    """The newest first, however they were issued. A reward is issued, voided, or its window is closed. A test key
    issues no rewards, so its list is empty."""
    refuse_unstorable(user_id or "", external_id or "")
    caller, now = request.auth, clock.now()
    if not caller.is_live:
        return RewardsOut(data=[], next=None)
    of_campaign = found_by_id(Campaign.objects.filter(app=caller.app_id), campaign) if campaign is not None else None
    if campaign is not None and of_campaign is None:
        raise refusal(IssueOutcome.UNKNOWN_CAMPAIGN)
    after = found_by_id(listing.rewards_of(caller.app), cursor) if cursor else None
    if cursor and after is None:
        raise bad_cursor(cursor)
    wanted = listing.RewardFilter(campaign=of_campaign, state=status or "", app_user_id=user_id or "")
    wanted = replace(wanted, external_id=external_id or "")
    found = listing.next_rewards(caller.app, wanted, after=after, size=limit + 1, now=now)
    following = str(found[limit - 1].pk) if len(found) > limit else None
    return RewardsOut(data=[shown(one) for one in developer_view(found[:limit], now=now)], next=following)


@router.get("/rewards/{reward_id}", response={200: RewardOut, **PROBLEMS}, summary="One reward")
def get_reward(request: CallerRequest, reward_id: str) -> RewardOut:
    """A reward of your app. With a test key none is found."""
    [found] = developer_view([listing.reward_of(*_named(request, reward_id))], now=clock.now())
    return shown(found)


@router.post("/rewards/{reward_id}/void", response={200: RewardOut, **PROBLEMS}, summary="Void a reward")
def post_void(request: CallerRequest, reward_id: str) -> RewardOut:
    """A reward that is not redeemed can no longer be claimed or ordered with; an order that exists goes on. The answer
    is the same in both cases, and the charge is not refunded. A repeat changes nothing."""
    reward, now = listing.reward_of(*_named(request, reward_id)), clock.now()
    void_reward(reward, now=now)
    [found] = developer_view([reward], now=now)
    return shown(found)


def _refuse_incomplete(body: RewardIn) -> None:
    if body.send and not body.email:
        raise RuleViolation("invalid_request", "send is true; send the address as email, too.", field="email")


def _named(request: CallerRequest, reward_id: str) -> tuple[App, uuid.UUID | None]:
    """The app, and the id of the reward that is named; none with a test key."""
    return request.auth.app, uuid_or_none(reward_id) if request.auth.is_live else None
