"""Version 1: the calls that exist so far, those of points. Errors are RFC 9457 problem documents."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, NinjaAPI, Query, Router, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.security import HttpBearer

from accounts.api_keys.authentication import Caller
from api.compatible import routes as compatible
from api.gateway import admit
from moments import clock
from moments.errors import RuleViolation
from moments.version import VERSION
from moments.web import strict_json
from moments.web.middleware import machine_problem
from rewards.issuing.refusals import http_status
from rewards.issuing.service import reward_link
from rewards.models import PointExchange, PointTier
from rewards.points import exchanges
from rewards.points import service as points
from rewards.points.ledger import balance_of, program_of, refuse_blank

NOT_FOUND = {"no_program", "unknown_tier"}
UNPROCESSABLE = {"event_id_reused", "idempotency_key_reused", "unknown_action"}


class RefusedCall(Exception):  # noqa: N818
    def __init__(self, status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.headers = status, code, detail, headers or {}


class KeyAuth(HttpBearer):
    """``Authorization: Bearer KEY``."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        entry = admit(request, token)
        headers = entry.allowance.headers if entry.allowance else {}
        if entry.refused == "rate_limited":
            raise RefusedCall(429, "rate_limited", "Too many calls; wait as long as Retry-After says.", headers)
        if entry.refused == "ip_not_allowed":
            raise RefusedCall(403, "ip_not_allowed", "This key may not be used from your address.")
        if entry.caller is None:
            raise RefusedCall(401, "key_revoked", "This key does not exist or no longer works.")
        request.rate_headers = headers  # type: ignore[attr-defined]  # its base class takes any request
        return entry.caller


class OnceEach(Parser):
    """A member that occurs twice is no JSON of ours."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        return strict_json.read(request.body)


class MomentsAPI(NinjaAPI):
    """Its document describes the compatible face too."""

    def create_response(self, request, data, **kwargs) -> HttpResponse:
        response = super().create_response(request, data, **kwargs)
        for name, value in getattr(request, "rate_headers", {}).items():
            response[name] = value
        return response

    def get_openapi_schema(self, **kwargs) -> Any:
        schema = super().get_openapi_schema(**kwargs)
        describe_compatible_face(schema)
        return schema


api = MomentsAPI(
    title="Moments",
    version=VERSION,
    description="Rewards for actions that matter. Keys: `x-api-key` under /prod/, bearer under /api/v1/.",
    openapi_url="/openapi.json",
    docs_url=None,
    urls_namespace="api",
    auth=KeyAuth(),
    parser=OnceEach(),
)
router = Router(tags=["points"])


class Strict(Schema):
    model_config = {"extra": "forbid"}


class EventIn(Strict):
    event_id: str = Field(min_length=1, max_length=128, description="Yours; the same one counts once.")
    user_id: str = Field(min_length=1, max_length=128, description="Your own id of the user.")
    action: str = Field(min_length=1, max_length=60, description="What the program's rule is called by.")
    units: int = Field(1, ge=0, le=1_000_000, description="What was spent, where the rule gives points per unit.")


class EventOut(Schema):
    event_id: str
    points: int = Field(description="Credited by this event.")
    available: int = Field(description="The user's balance now.")
    replayed: bool = Field(description="True: this event had been counted before.")
    reward_urls: list[str] = Field(description="Of rewards that the points were exchanged for by themselves.")


class PointsOut(Schema):
    user_id: str
    available: int
    owed: int = Field(description="Taken back after it was spent; the next credits pay it.")
    tiers: list[dict[str, Any]] = Field(description="What the points can be exchanged for.")


class ExchangeIn(Strict):
    points: int = Field(ge=1, description="The tier, by the points it needs.")


class ExchangeOut(Schema):
    reward_id: str | None = Field(description="Null in test mode.")
    reward_url: str = Field(description="Give it to the user.")
    expires_at: str | None = Field(description="RFC 3339.")
    test_mode: bool = Field(description="True: a preview; no points were taken.")
    available: int = Field(description="What is left.")


class Problem(Schema):
    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[dict[str, str]]
    request_id: str


class ListedExchange(Schema):
    id: int
    app: str = Field(description="The app whose event or call made the exchange.")
    tier: int
    points: int = Field(description="Debited.")
    automatic: bool = Field(description="True: made automatically when the user reached the tier.")
    exchanged_at: str = Field(description="RFC 3339.")
    reward_id: str
    reward_url: str = Field(description="Give it to the user.")
    expires_at: str | None = Field(description="RFC 3339.")


class ExchangesOut(Schema):
    data: list[ListedExchange]
    next: str | None = Field(description="Send it as cursor for the next page; null on the last.")


PROBLEMS: dict[Any, Any] = dict.fromkeys((400, 401, 403, 404, 409, 422, 429, 503), Problem)


@router.post("/events", response={200: EventOut, **PROBLEMS}, summary="Tell of a user's action")
def post_event(request, body: EventIn):
    """Counts once for each ``event_id`` of the app. With a test key nothing is counted."""
    refuse_unstorable(body.event_id, body.user_id, body.action)
    refuse_blank(event_id=body.event_id, user_id=body.user_id, action=body.action)
    caller: Caller = request.auth
    if not caller.is_live:
        points.rule_for(program_of(caller.app), body.action)
        account = balance_of(caller.app, body.user_id)
        return EventOut(event_id=body.event_id, points=0, available=account.available, replayed=False, reward_urls=[])
    credit = points.record_action(
        caller.app,
        event_id=body.event_id,
        app_user_id=body.user_id,
        action=body.action,
        units=body.units,
        now=clock.now(),
    )
    return EventOut(
        event_id=body.event_id,
        points=credit.points,
        available=credit.available,
        replayed=credit.is_replay,
        reward_urls=[issued.url for issued in credit.exchanged],
    )


@router.get("/users/{user_id}/points", response={200: PointsOut, **PROBLEMS}, summary="A user's balance and tiers")
def get_points(request, user_id: str):
    refuse_bad_user(user_id)
    account = balance_of(request.auth.app, user_id)
    tiers = [
        {"points": tier.points, "campaign": str(tier.moment.campaign_id), "moment": tier.moment.key}
        for tier in account.program.tiers.select_related("moment")
    ]
    return PointsOut(user_id=user_id, available=account.available, owed=account.owed, tiers=tiers)


@router.post("/users/{user_id}/exchanges", response={200: ExchangeOut, **PROBLEMS}, summary="Points for a reward")
def post_exchange(request, user_id: str, body: ExchangeIn, response: HttpResponse):
    """Needs an ``Idempotency-Key`` header: a repeat gets the same reward and is debited once."""
    key_text = request.headers.get("Idempotency-Key", "")
    if not key_text.strip() or len(key_text) > 255:
        raise RefusedCall(400, "invalid_request", "Send an Idempotency-Key header of 1 to 255 characters.")
    refuse_bad_user(user_id)
    refuse_unstorable(key_text)
    app = request.auth.app
    program = program_of(app)
    tier = PointTier.objects.filter(program=program, points=body.points).select_related("moment__campaign", "group")
    found = tier.first()
    if found is None:
        raise RuleViolation("unknown_tier", f"The program has no tier of {body.points} points.")
    issued = exchanges.exchange_points(
        app,
        app_user_id=user_id,
        tier=found,
        idempotency_key=key_text,
        is_live=request.auth.is_live,
        now=clock.now(),
    )
    if issued.outcome == "replay":
        response["Idempotent-Replayed"] = "true"
    return ExchangeOut(
        reward_id=str(issued.reward_id) if issued.reward_id else None,
        reward_url=issued.url,
        expires_at=issued.expires_at.isoformat() if issued.expires_at else None,
        test_mode=issued.is_preview,
        available=balance_of(app, user_id).available,
    )


@router.get("/users/{user_id}/exchanges", response={200: ExchangesOut, **PROBLEMS}, summary="A user's exchanges")
def get_exchanges(request, user_id: str, limit: int = Query(50, ge=1, le=200), cursor: str = ""):
    """All exchanges of the user with their reward URLs, the newest first: on request and automatic."""
    refuse_bad_user(user_id)
    program = program_of(request.auth.app)
    found = PointExchange.objects.filter(account__program=program, account__app_user_id=user_id).order_by("-id")
    if cursor:
        if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
            raise RefusedCall(400, "invalid_request", f"cursor is “{cursor[:60]}”; send the value of next as it was.")
        found = found.filter(id__lt=int(cursor))
    page = list(found.select_related("reward__campaign", "app")[: limit + 1])
    following = str(page[limit - 1].pk) if len(page) > limit else None
    return ExchangesOut(data=[as_listed(exchange) for exchange in page[:limit]], next=following)


def as_listed(exchange: PointExchange) -> ListedExchange:
    expires = exchange.reward.campaign.rewards_expire_at
    return ListedExchange(
        id=exchange.pk,
        app=str(exchange.app_id),
        tier=exchange.tier_id,
        points=exchange.points,
        automatic=exchange.is_automatic,
        exchanged_at=instant(exchange.at),
        reward_id=str(exchange.reward_id),
        reward_url=reward_link(exchange.reward),
        expires_at=instant(expires) if expires else None,
    )


def instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def refuse_bad_user(user_id: str) -> None:
    if not user_id.strip():
        raise RefusedCall(400, "invalid_request", "user_id is empty; send your own id of the user.")
    if len(user_id) > 128:
        raise RefusedCall(400, "invalid_request", f"user_id has {len(user_id)} characters; 128 are allowed.")
    refuse_unstorable(user_id)


def refuse_unstorable(*texts: str) -> None:
    if not all(compatible.is_storable(text) for text in texts):
        raise RefusedCall(400, "invalid_request", "A character in this request cannot be stored.")


api.add_router("/v1", router)


@api.exception_handler(RefusedCall)
def on_refused(request, error: RefusedCall) -> HttpResponse:
    return machine_problem(request, error.status, error.code, error.detail, headers=error.headers)


@api.exception_handler(RuleViolation)
def on_violation(request, error: RuleViolation) -> HttpResponse:
    status = 404 if error.code in NOT_FOUND else 422 if error.code in UNPROCESSABLE else http_status(error.code)
    return machine_problem(request, status, error.code, error.message)


@api.exception_handler(AuthenticationError)
def on_no_key(request, error: AuthenticationError) -> HttpResponse:
    return machine_problem(request, 401, "key_revoked", "Send your key as Authorization: Bearer KEY.")


@api.exception_handler(HttpError)
def on_http_error(request, error: HttpError) -> HttpResponse:
    return machine_problem(request, error.status_code, "invalid_request", str(error))


@api.exception_handler(ValidationError)
def on_invalid(request, error: ValidationError) -> HttpResponse:
    errors = [
        {"pointer": "/" + "/".join(str(part) for part in found["loc"][2:]), "message": found["msg"]}
        for found in error.errors
    ]
    detail = "; ".join(f"{found['pointer']}: {found['message']}" for found in errors)
    return machine_problem(request, 422, "invalid_request", detail, errors=errors)


def describe_compatible_face(schema: Any) -> None:
    """Add the two calls below /prod/ to the document, from the same classes that read and answer them."""
    components = schema["components"]
    components.setdefault("securitySchemes", {})["ApiKey"] = {"type": "apiKey", "in": "header", "name": "x-api-key"}
    for model in (compatible.RewardRequest, compatible.RewardAnswer, compatible.RefusalAnswer):
        components["schemas"][model.__name__] = model.model_json_schema()

    def content(name):
        return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}

    gateway = {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]}
    refused = {"anyOf": [{"$ref": "#/components/schemas/RefusalAnswer"}, gateway]}
    responses = {
        "200": {"description": "The reward.", "content": content("RewardAnswer")},
        "429": {"description": "Too fast.", "content": {"application/json": {"schema": gateway}}},
    }
    for status in ("400", "403", "404", "409", "413", "422"):
        responses[status] = {"description": "Refused.", "content": {"application/json": {"schema": refused}}}
    for name, summary in (
        ("GetRewardInfo", "Look at a reward; consumes and charges nothing"),
        ("GetReward", "Issue one reward and charge its cost per action"),
    ):
        schema["paths"][f"/prod/{name}"] = {
            "post": {
                "operationId": name,
                "summary": summary,
                "tags": ["rewards"],
                "security": [{"ApiKey": []}],
                "requestBody": {"required": True, "content": content("RewardRequest")},
                "responses": responses,
            }
        }
