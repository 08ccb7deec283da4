"""Points exchanged for rewards."""

from typing import cast

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema, Status
from pydantic import StrictInt

from api.v1.shapes import (
    PROBLEMS,
    CallerRequest,
    Strict,
    idempotency_key,
    instant,
    instant_or_none,
    page_of,
    refuse_bad_id,
)
from moments import clock
from rewards.models import PointExchange
from rewards.points import exchanges
from rewards.points.balances import tier_of
from rewards.points.lookups import has_left, program_of

router = Router(tags=["points"])


class ExchangeIn(Strict):
    tier: StrictInt = Field(ge=1, description="The tier's id.")


class ExchangeOut(Schema):
    id: int | None = Field(description="Null where the campaign is in test mode.")
    reward_id: str | None = Field(description="Null in test mode.")
    reward_url: str = Field(description="Give it to the user.")
    points: int = Field(description="What the tier needs.")
    available: int = Field(description="What is left.")
    expires_at: str | None = Field(description="RFC 3339: when the reward expires.")
    test_mode: bool = Field(description="True: a preview; nothing was issued.")


class ListedExchange(Schema):
    id: int
    app: str = Field(description="The app whose event or call made the exchange.")
    tier: int
    points: int = Field(description="Debited.")
    automatic: bool = Field(description="True: made automatically when the user reached the tier.")
    exchanged_at: str = Field(description="RFC 3339.")
    reward_id: str | None = Field(description="Null in test mode.")
    reward_url: str = Field(description="Give it to the user.")
    expires_at: str | None = Field(description="RFC 3339.")


class ExchangesOut(Schema):
    data: list[ListedExchange]
    next: str | None = Field(description="Send it as cursor for the next page; null on the last.")


@router.post(
    "/users/{id:user_id}/exchanges",
    response={200: ExchangeOut, 201: ExchangeOut, **PROBLEMS},
    summary="Exchange points for a reward",
)
def post_exchange(
    request: CallerRequest, user_id: str, body: ExchangeIn, response: HttpResponse
) -> Status[ExchangeOut]:
    """Needs an ``Idempotency-Key`` header: a repeat gets the same reward and is debited once. With a test key, points
    of the test ledger are exchanged for the campaign's preview."""
    key = idempotency_key(request)
    refuse_bad_id("user_id", user_id)
    caller = request.auth
    tier = tier_of(program_of(caller.app), body.tier)
    done = exchanges.exchange_points(
        caller.app, app_user_id=user_id, tier=tier, idempotency_key=key, is_live=caller.is_live, now=clock.now()
    )
    if done.is_replay:
        response["Idempotent-Replayed"] = "true"
    out = ExchangeOut(
        id=done.exchange.pk if done.exchange else None,
        reward_id=str(done.reward_id) if done.reward_id else None,
        reward_url=done.url,
        points=done.points,
        available=done.available,
        expires_at=instant_or_none(done.issued.expires_at),
        test_mode=done.is_preview,
    )
    return Status(200 if done.is_replay else 201, out)


@router.get("/users/{id:user_id}/exchanges", response={200: ExchangesOut, **PROBLEMS}, summary="A user's exchanges")
def get_exchanges(
    request: CallerRequest, user_id: str, limit: int = Query(50, ge=1, le=200), cursor: str = ""
) -> ExchangesOut:
    """All exchanges of the user with their reward URLs, the newest first: on request and automatic. An app that has
    left its program sees those that it made or its events caused."""
    refuse_bad_id("user_id", user_id)
    app, is_live = request.auth.app, request.auth.is_live
    if has_left(app):
        found = exchanges.exchanges_of_app(app, user_id, is_live=is_live)
    else:
        found = exchanges.exchanges_of(program_of(app), user_id, is_live=is_live)
    page, following = page_of(found, limit, cursor)
    return ExchangesOut(data=[as_listed(cast(PointExchange, exchange)) for exchange in page], next=following)


def as_listed(exchange: PointExchange) -> ListedExchange:
    issued = exchanges.issued_again(exchange)
    return ListedExchange(
        id=exchange.pk,
        app=str(exchange.app_id),
        tier=exchange.tier_id,
        points=exchange.points,
        automatic=exchange.is_automatic,
        exchanged_at=instant(exchange.occurred_at),
        reward_id=str(exchange.reward_id) if exchange.reward_id else None,
        reward_url=issued.url,
        expires_at=instant_or_none(issued.expires_at),
    )
