"""How a rule says no."""

from typing import Any

from django.utils.translation import gettext as _


class RuleViolation(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """A rule refused. ``code`` is stable and for machines, ``message`` is a sentence for the person who asked.

    ``field`` names the form field or JSON member at fault, where there is one.
    """

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class NotResponding(RuleViolation):
    """Somebody else's server does not answer, so this cannot be done just now. Nothing was lost by asking."""


class Conflict(RuleViolation):
    """Somebody else moved the row first."""

    def __init__(self, message: str = "") -> None:
        super().__init__(
            "conflict", message or _("Somebody else changed this meanwhile. Look at it again, then decide.")
        )


class IllegalMove(RuleViolation):
    """The row's status does not allow this step."""

    def __init__(self, row: Any, to: str) -> None:
        name = type(row)._meta.verbose_name
        super().__init__("illegal_move", f"This {name} is {row.get_status_display()}, so it cannot become {to}.")
        self.row = row
        self.to = to


def violated_constraint(error: BaseException) -> str:
    """The name of the constraint that PostgreSQL reports for an ``IntegrityError``; "" where it names none."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""


def is_violation_of(error: BaseException, *constraints: str) -> bool:
    """Whether one of these constraints, and not another, refused the row."""
    return violated_constraint(error) in constraints
