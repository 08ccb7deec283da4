"""JSON whose members are named once: of two that disagree, one reader would take the first and another the last."""

import json
from typing import Any


def read(raw: bytes | str, **options: Any) -> Any:
    """``ValueError`` for what is not JSON, and for a member that occurs twice, at any depth."""
    return json.loads(raw, object_pairs_hook=once_each, **options)


def once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member occurs twice")
    return found
