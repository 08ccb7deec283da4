"""Exceptions for refused operations."""

from typing import Any

from django.utils.translation import gettext as _


class RuleViolation(Exception):  # noqa: N818 - a refusal, not an error
    """Raised if a rule forbids an operation. ``code`` is stable and for programs, ``message`` is a sentence for the
    user.

    ``field`` is the invalid form field or JSON member, if any.
    """

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class NotResponding(RuleViolation):
    """Raised if an external server does not respond. The operation can be repeated safely."""


class Conflict(RuleViolation):
    """Raised if another process changed the row first."""

    def __init__(self, message: str = "") -> None:
        super().__init__(
            "conflict", message or _("Somebody else changed this meanwhile. Look at it again, then decide.")
        )


class IllegalMove(RuleViolation):
    """Raised if the row's status does not allow the transition."""

    def __init__(self, row: Any, to: str) -> None:
        name = type(row)._meta.verbose_name
        super().__init__("illegal_move", f"This {name} is {row.get_status_display()}, so it cannot become {to}.")
        self.row = row
        self.to = to


def violated_constraint(error: BaseException) -> str:
    """Return the name of the constraint that an ``IntegrityError`` violated; empty if unknown."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""


def is_violation_of(error: BaseException, *constraints: str) -> bool:
    """Return whether the error violated one of ``constraints``."""
    return violated_constraint(error) in constraints
