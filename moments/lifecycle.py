"""Status transitions of rows."""

from typing import Any

from django.db import models

from moments.errors import Conflict, IllegalMove


def advance(row: models.Model, to: str, *, as_read: tuple[str, ...] = (), **changes: Any) -> None:
    """Set ``row`` to status ``to`` and save ``changes`` with it.

    The UPDATE filters on the status that was read, so that only one of two concurrent callers succeeds; the other gets
    ``Conflict``. The same applies to columns named in ``as_read``. Raises ``IllegalMove`` if ``row.MOVES`` does not
    allow the transition.
    """
    moves, status = getattr(row, "MOVES"), getattr(row, "status")  # noqa: B009 - models with a status have both
    if to not in moves[status]:
        raise IllegalMove(row, to)
    unchanged = {name: getattr(row, name) for name in as_read}
    won = type(row)._default_manager.filter(pk=row.pk, status=status, **unchanged).update(status=to, **changes)
    if not won:
        raise Conflict
    for name, value in {"status": to, **changes}.items():
        setattr(row, name, value)
