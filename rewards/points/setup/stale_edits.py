"""Two members who edit the same thing: the second one to save is refused, and loses nothing of what was typed."""

from collections.abc import Iterable

from django.db.models import Model

from moments.errors import Conflict
from rewards.models import PointMultiplier, PointRule, PointStatus, PointTier
from rewards.points.lookups import fingerprint_of

RULE_FIELDS = (
    *("points_per_event", "points_per_quantity", "points_per_amount", "currency", "minimum_quantity"),
    *("minimum_amount_minor", "daily_cap", "weekly_cap", "lifetime_cap", "valid_from", "valid_until"),
    *("pending_days", "points_valid_days"),
)
MULTIPLIER_FIELDS = ("factor", "action", "status", "starts_at", "ends_at")
TIER_FIELDS = ("points", "name", "moment", "group", "status", "is_once", "is_automatic")
STATUS_FIELDS = ("name", "threshold", "period_days", "grace_days")


def state_of(row: PointRule | PointMultiplier | PointTier | PointStatus) -> str:
    """A digest of what members can edit. A form carries it from when it was opened until it is saved."""
    if isinstance(row, PointRule):
        return _digest(row.current, RULE_FIELDS)
    if isinstance(row, PointMultiplier):
        return fingerprint_of(row.name, _digest(row.current, MULTIPLIER_FIELDS))
    return _digest(row, TIER_FIELDS if isinstance(row, PointTier) else STATUS_FIELDS)


def refuse_stale(row: PointRule | PointMultiplier | PointTier | PointStatus, opened: str | None) -> None:
    """Raise ``Conflict`` if ``row``, which is locked, is not as it was when the form was ``opened``.

    Without ``opened``, nothing is compared: commands save without a form.
    """
    if opened is not None and opened != state_of(row):
        raise Conflict


def _digest(row: Model, names: Iterable[str]) -> str:
    return fingerprint_of(*(row.serializable_value(name) for name in names))
