"""JSON without binary floats: what is money stays exact both ways."""

import json
from decimal import Decimal
from typing import Any, NoReturn

from moments.web import strict_json

DEPTH = 40  # an honest answer nests about 6 deep


def write_json(value: object) -> str:
    """``{"denomination": Decimal("27.50")}`` → ``{"denomination": 27.50}``. Refuses floats."""
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
    """Fractions as decimals. ``ValueError`` for what is not JSON in UTF-8, NaN, a member twice, and endless nesting."""
    try:
        value = strict_json.read(raw.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, ArithmeticError, RecursionError):
        raise ValueError("not JSON") from None  # what was read may hold a gift, and an error's text may end in a log
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
