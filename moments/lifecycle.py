"""The one way a status moves."""

from typing import Any

from django.db import models

from moments.errors import Conflict, IllegalMove


def advance(row: models.Model, to: str, *, as_read: tuple[str, ...] = (), **changes: Any) -> None:
    """Move ``row`` to status ``to`` and write ``changes`` with it.

    The UPDATE names the status that was read, so of two callers holding the same row one wins and the other gets
    ``Conflict``; so it does when a column named in ``as_read`` is no longer as it was read. Raises ``IllegalMove`` when
    ``row.MOVES`` has no such step.
    """
    moves, status = getattr(row, "MOVES"), getattr(row, "status")  # noqa: B009 - of rows that have a status
    if to not in moves[status]:
        raise IllegalMove(row, to)
    unchanged = {name: getattr(row, name) for name in as_read}
    won = type(row)._default_manager.filter(pk=row.pk, status=status, **unchanged).update(status=to, **changes)
    if not won:
        raise Conflict
    for name, value in {"status": to, **changes}.items():
        setattr(row, name, value)
