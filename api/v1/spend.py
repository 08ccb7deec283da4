"""What the rewards of the caller's app cost."""

import datetime as dt
import enum
from typing import Any

from ninja import Field, Query, Router, Schema

from api.v1.shapes import PROBLEMS, CallerRequest
from moments import clock
from moments.errors import RuleViolation
from moments.money import as_text
from rewards.reporting.daily_totals import LONGEST, By, Totals, Window, spend_of_app

router = Router(tags=["spend"])
DAYS = 30
ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

EXAMPLE: dict[str, Any] = {
    "from": "2027-05-01",
    "to": "2027-05-31",
    "by": "moment",
    "currency": "USD",
    "actions": 12,
    "charge": "330.00",
    "data": [
        {
            "day": None,
            "campaign": "5f0f2b8e-4f0a-4c8e-9a64-0f6f0c1f5f10",
            "moment": "MomentsReward",
            "actions": 12,
            "charge": "330.00",
        }
    ],
}


class SpendBy(enum.StrEnum):
    DAY = By.DAY
    CAMPAIGN = By.CAMPAIGN
    MOMENT = By.MOMENT


class SpendRow(Schema):
    day: dt.date | None = Field(description="With by=day.")
    campaign: str | None = Field(description="With by=campaign and by=moment.")
    moment: str | None = Field(description="The moment's key, with by=moment.")
    actions: int = Field(description="Rewards issued, whether voided later or not.")
    charge: str = Field(description="US dollars.")


class SpendOut(Schema):
    model_config = {"json_schema_extra": {"example": EXAMPLE}}

    first: dt.date = Field(serialization_alias="from", description="UTC.")
    last: dt.date = Field(serialization_alias="to", description="UTC, inclusive.")
    by: SpendBy
    currency: str
    actions: int = Field(description="In all.")
    charge: str = Field(description="In all.")
    data: list[SpendRow] = Field(description="Every day, or campaigns or moments with rewards, highest charge first.")


@router.get("/spend", response={200: SpendOut, **PROBLEMS}, by_alias=True, summary="Actions and charges")
def get_spend(
    request: CallerRequest,
    first: str | None = Query(None, alias="from", pattern=ISO, description="A UTC date; 29 days before to if absent."),
    last: str | None = Query(None, alias="to", pattern=ISO, description="A UTC date, inclusive; today if absent."),
    by: SpendBy = SpendBy.DAY,
) -> SpendOut:
    """What your app's rewards cost between two UTC dates, both inclusive, up to 366 days. Redemptions and voids do not
    change it. A test key issues no rewards, so its totals are zero."""
    window = _window(_date("from", first), _date("to", last), clock.now().astimezone(dt.UTC).date())
    found = spend_of_app(request.auth.app, window, By(by)) if request.auth.is_live else {}
    if by == SpendBy.DAY:
        found = {(day,): found.get((day,), Totals()) for day in window.every_day()}
    total = Totals(sum(one.actions for one in found.values()), sum(one.cents for one in found.values()))
    return SpendOut(
        first=window.first,
        last=window.last,
        by=by,
        currency="USD",
        actions=total.actions,
        charge=as_text(total.cents, "USD"),
        data=[_row(by, key, totals) for key, totals in found.items()],
    )


def _date(name: str, text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise RuleViolation("invalid_request", f"{name} is {text}, which is not a date.", field=name) from None


def _window(first: dt.date | None, last: dt.date | None, today: dt.date) -> Window:
    last = last or max(today, first or today)
    if first is None and last.toordinal() <= DAYS:
        first = dt.date.min
    window = Window(first or last - dt.timedelta(days=DAYS - 1), last)
    if window.days < 1:
        message = f"from is {window.first}, which is after {window.last}; send an earlier date."
        raise RuleViolation("invalid_request", message, field="from")
    if window.days > LONGEST:
        message = f"from {window.first} to {window.last} is {window.days} days; {LONGEST} are allowed."
        raise RuleViolation("invalid_request", message, field="from")
    return window


def _row(by: SpendBy, key: tuple[Any, ...], totals: Totals) -> SpendRow:
    of_day = by == SpendBy.DAY
    return SpendRow(
        day=key[0] if of_day else None,
        campaign=None if of_day else str(key[0]),
        moment=key[1] if by == SpendBy.MOMENT else None,
        actions=totals.actions,
        charge=as_text(totals.cents, "USD"),
    )
