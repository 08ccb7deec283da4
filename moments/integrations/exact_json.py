"""JSON with decimals instead of floats, so that amounts stay exact."""

import json
from decimal import Decimal
from typing import Any, NoReturn

from moments.web import strict_json

DEPTH = 40  # real responses have about 6 levels


def write_json(value: object) -> str:
    """Serialize ``{"denomination": Decimal("27.50")}`` to ``{"denomination": 27.50}``. Raises ``TypeError`` for
    floats.
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)}: {write_json(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(write_json, value)) + "]"
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value:f}"
    if value is None or isinstance(value, str | int):
        return json.dumps(value)
    raise TypeError(f"{type(value).__name__} is not written as JSON here")


def read_json(raw: bytes) -> Any:
    """Parse JSON with fractions as decimals. Raises ``ValueError`` for invalid UTF-8 or JSON, NaN, duplicate members
    and deep nesting.
    """
    try:
        value = strict_json.read(raw.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, ArithmeticError, RecursionError):
        raise ValueError("not JSON") from None  # hide the cause: it may quote a gift code in a log
    if _is_deeper(value, DEPTH):
        raise ValueError("nested too deep")
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _is_deeper(value: object, levels: int) -> bool:
    level = [value]
    for _level in range(levels):
        level = [inner for outer in level for inner in _inside(outer)]
    return bool(level)


def _inside(value: object) -> list:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
