"""Version 1: who calls, how refusals are answered, and the document that describes both faces of the API.

Errors are RFC 9457 problem documents.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.security import HttpBearer

from accounts.api_keys.authentication import Caller
from api.compatible import routes as compatible
from api.gateway import admit
from moments.errors import RuleViolation
from moments.requests import MomentsRequest
from moments.version import VERSION
from moments.web import strict_json
from moments.web.middleware import machine_problem
from rewards.issuing.refusals import http_status

STATUSES = {
    **dict.fromkeys(("no_program", "unknown_tier", "unknown_event", "unknown_reward"), 404),
    **dict.fromkeys(("insufficient_points", "tier_used", "status_needed"), 409),
    **dict.fromkeys(("event_id_reused", "idempotency_key_reused", "unknown_action", "unknown_category"), 422),
    **dict.fromkeys(("event_too_old", "invalid_amount"), 422),
}
RAISED = "Value error, "  # which pydantic puts before the sentence of a validator of ours
VARIANTS = {"one event", "many events"}  # of a body; not a part of the pointer to what is wrong in it


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

    def create_response(self, request: HttpRequest, data: Any, **kwargs: Any) -> HttpResponse:
        response = super().create_response(request, data, **kwargs)
        for name, value in getattr(request, "rate_headers", {}).items():
            response[name] = value
        return response

    def get_openapi_schema(self, **kwargs: Any) -> Any:
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


@api.exception_handler(RefusedCall)
def on_refused(request: MomentsRequest, error: RefusedCall) -> HttpResponse:
    return machine_problem(request, error.status, error.code, error.detail, headers=error.headers)


@api.exception_handler(RuleViolation)
def on_violation(request: MomentsRequest, error: RuleViolation) -> HttpResponse:
    """With a pointer to the member at fault, where the rule names one."""
    status = STATUSES.get(error.code) or http_status(error.code)
    code = "invalid_request" if error.code == "invalid_amount" else error.code
    errors = [{"pointer": f"/{error.field}", "message": error.message}] if error.field else []
    return machine_problem(request, status, code, error.message, errors=errors)


@api.exception_handler(AuthenticationError)
def on_no_key(request: MomentsRequest, error: AuthenticationError) -> HttpResponse:
    return machine_problem(request, 401, "key_revoked", "Send your key as Authorization: Bearer KEY.")


@api.exception_handler(HttpError)
def on_http_error(request: MomentsRequest, error: HttpError) -> HttpResponse:
    return machine_problem(request, error.status_code, "invalid_request", str(error))


@api.exception_handler(ValidationError)
def on_invalid(request: MomentsRequest, error: ValidationError) -> HttpResponse:
    errors = [
        {
            "pointer": "/" + "/".join(str(part) for part in found["loc"][2:] if part not in VARIANTS),
            "message": found["msg"].removeprefix(RAISED),
        }
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

    def content(name: str) -> dict[str, Any]:
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
