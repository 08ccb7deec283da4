"""JSON parser that refuses duplicate members, of which different parsers would take different ones."""

import json
from typing import Any


def read(raw: bytes | str, **options: Any) -> Any:
    """Parse JSON. Raises ``ValueError`` for invalid JSON and for duplicate members at any depth."""
    return json.loads(raw, object_pairs_hook=once_each, **options)


def once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member occurs twice")
    return found
