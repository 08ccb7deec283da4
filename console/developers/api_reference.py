"""API reference for developers, from the OpenAPI document that is generated from the code."""

import functools
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from api.v1.routes import api
from rewards.issuing.refusals import REFUSALS


@dataclass(frozen=True)
class Member:
    """A member of a JSON object, or a path parameter."""

    name: str
    kind: str
    is_required: bool
    limits: str
    about: str


@dataclass(frozen=True)
class Answer:
    status: str
    about: str
    members: list[Member] = field(default_factory=list)


@dataclass(frozen=True)
class Operation:
    anchor: str
    method: str
    path: str
    summary: str
    description: str
    group: str
    header: str
    takes: list[Member]
    answers: list[Answer]


HEADERS = {"ApiKey": "x-api-key: $MOMENTS_KEY", "KeyAuth": "Authorization: Bearer $MOMENTS_KEY"}


@functools.cache
def operations() -> tuple[Operation, ...]:
    """Return all operations in the document's order, with those of rewards first. The code that is loaded has one
    document, and making it takes long.
    """
    document = api.get_openapi_schema()
    schemas = document["components"]["schemas"]
    found = [
        _operation(path, method, described, schemas)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]
    return tuple(sorted(found, key=lambda operation: operation.group != "rewards"))


def groups() -> dict[str, list[Operation]]:
    """Return the operations by the group that they are shown in."""
    found: dict[str, list[Operation]] = {}
    for operation in operations():
        found.setdefault(operation.group, []).append(operation)
    return found


def refusals() -> list[tuple[str, int, str]]:
    """Return (code, HTTP status, sentence) of every refusal."""
    asked = {"moment": "…", "group": "…", "device": "…"}
    return [(code, status, _(sentence) % asked) for code, (status, sentence) in REFUSALS.items()]


def _operation(path: str, method: str, described: dict, schemas: dict) -> Operation:
    body = described.get("requestBody")
    takes = [
        _member(
            found["name"], {"description": found.get("description", ""), **found["schema"]}, found["required"], schemas
        )
        for found in described.get("parameters", [])
    ]
    takes += _members(_schema(body), schemas) if body else []
    scheme = next(iter(described["security"][0]))
    return Operation(
        anchor=described["operationId"],
        method=method.upper(),
        path=path,
        summary=described["summary"],
        description=described.get("description", "").replace("``", ""),
        group=described["tags"][0],
        header=HEADERS[scheme],
        takes=takes,
        answers=[_answer(str(status), answer, schemas) for status, answer in described["responses"].items()],
    )


def _answer(status: str, answer: dict, schemas: dict) -> Answer:
    members = _members(_schema(answer), schemas) if "content" in answer and status.startswith("2") else []
    return Answer(status, answer.get("description", ""), members)


def _schema(content: dict) -> dict:
    return content["content"]["application/json"]["schema"]


def _resolve(schema: dict, schemas: dict) -> dict:
    return schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _members(schema: dict, schemas: dict) -> list[Member]:
    """Of an object, or of all the objects that it may be, as one event or many."""
    members: dict[str, Member] = {}
    for choice in schema.get("oneOf") or schema.get("anyOf") or [schema]:
        found = _resolve(choice, schemas)
        required = set(found.get("required", []))
        for name, kind in found.get("properties", {}).items():
            members.setdefault(name, _member(name, kind, name in required, schemas))
    return list(members.values())


def _member(name: str, schema: dict, is_required: bool, schemas: dict) -> Member:
    choices = schema.get("anyOf", [schema])
    kinds = [_kind(choice, schemas) for choice in choices]
    limits = [limit for choice in choices for limit in _limits(choice)]
    return Member(name, " | ".join(kinds), is_required, ", ".join(limits), schema.get("description", ""))


def _kind(schema: dict, schemas: dict) -> str:
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}), schemas)}]"
    return schema["$ref"].rpartition("/")[2] if "$ref" in schema else str(schema.get("type", "any"))


def _limits(schema: dict) -> list[str]:
    names = {"minLength": "≥ {} chars", "maxLength": "≤ {} chars", "minimum": "≥ {}", "maximum": "≤ {}"}
    return [text.format(schema[name]) for name, text in names.items() if name in schema]
