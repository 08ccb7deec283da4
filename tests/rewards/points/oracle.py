"""What points should be, by a slow and simple book: a list of credits, replayed from the start for every question."""

import datetime as dt
from dataclasses import dataclass, field

DAY = dt.timedelta(days=1)


@dataclass
class Lot:
    """Points credited for the same days. Days count from the start of the test."""

    available: dt.datetime | None
    expires: dt.datetime | None
    left: int = 0
    expired: int = 0
    lapsed: int = 0

    def is_open(self, now: dt.datetime) -> bool:
        return self.has_begun(now) and not self.has_ended(now)

    def has_begun(self, now: dt.datetime) -> bool:
        return self.available is None or self.available <= now

    def has_ended(self, now: dt.datetime) -> bool:
        return self.expires is not None and self.expires <= now


@dataclass
class Event:
    points: int
    quantity: int
    lot: Lot
    day: dt.date
    returned: int = 0
    reversed: int = 0


@dataclass
class Book:
    """One user. ``tick`` moves the clock and lets happen what falls due, one instant at a time."""

    now: dt.datetime
    per_quantity: int
    daily_cap: int
    pending_days: int
    valid_days: int | None
    lots: list[Lot] = field(default_factory=list)
    events: dict[str, Event] = field(default_factory=dict)
    earned: dict[dt.date, int] = field(default_factory=dict)
    owed: int = 0
    entries: int = 0

    @property
    def available(self) -> int:
        return sum(lot.left for lot in self.lots if lot.is_open(self.now))

    @property
    def pending(self) -> int:
        return sum(lot.left for lot in self.lots if not lot.has_begun(self.now))

    def tick(self, to: dt.datetime) -> None:
        instants = {at for lot in self.lots for at in (lot.available, lot.expires) if at and self.now < at <= to}
        for at in sorted(instants):
            self.now = at
            for lot in self.lots:
                if lot.available == at:
                    self.repay(lot)
            for lot in self.lots:
                if lot.expires == at:
                    self.expire(lot)
        self.now = to

    def repay(self, lot: Lot) -> None:
        paid = min(lot.left, self.owed)
        lot.left -= paid
        self.owed -= paid

    def expire(self, lot: Lot) -> None:
        self.entries -= lot.left
        lot.expired += lot.left
        lot.left = 0

    def lot_of(self, day: dt.date) -> Lot:
        start = day + self.pending_days * DAY
        available = midnight(start) if self.pending_days else None
        expires = None if self.valid_days is None else midnight(start + (self.valid_days + 1) * DAY)
        for lot in self.lots:
            if (lot.available, lot.expires) == (available, expires):
                return lot
        self.lots.append(Lot(available, expires))
        return self.lots[-1]

    def event(self, event_id: str, quantity: int, at: dt.datetime) -> int:
        if event_id in self.events:
            return self.events[event_id].points
        day = at.date()
        points = min(self.per_quantity * quantity, max(self.daily_cap - self.earned.get(day, 0), 0))
        self.earned[day] = self.earned.get(day, 0) + points
        lot = self.lot_of(day)
        self.events[event_id] = Event(points, quantity, lot, day)
        self.credit(lot, points)
        return points

    def credit(self, lot: Lot, points: int) -> None:
        self.entries += points
        if lot.has_ended(self.now):
            self.entries -= points
            lot.expired += points
            return
        if lot.has_begun(self.now):
            paid = min(points, self.owed)
            self.owed -= paid
            points -= paid
        lot.left += points

    def spend(self, points: int) -> bool:
        if self.available < points:
            return False
        self.entries -= points
        self.take([lot for lot in self.lots if lot.is_open(self.now)], points)
        return True

    def take(self, lots: list[Lot], points: int) -> int:
        """The first to expire first; those that never do last."""
        rest = points
        for lot in sorted(lots, key=lambda lot: (lot.expires is None, lot.expires or self.now, lot.available or EVER)):
            some = min(lot.left, rest)
            lot.left -= some
            rest -= some
        return rest

    def reverse(self, event_id: str, part: int | None) -> int | None:
        """Points taken back; None where there is no such event, or the part is more than is left."""
        event = self.events.get(event_id)
        if event is None or (part is not None and event.returned + part > event.quantity):
            return None
        if part is None:
            points = event.points - event.reversed
        else:
            event.returned += part
            whole = event.quantity
            before, after = event.returned - part, event.returned
            points = half_up(event.points * after, whole) - half_up(event.points * before, whole)
            points = min(points, event.points - event.reversed)
        event.reversed += points
        self.earned[event.day] = max(self.earned[event.day] - points, 0)
        own = min(event.lot.left, points)
        event.lot.left -= own
        lapsed = min(event.lot.expired - event.lot.lapsed, points - own)
        event.lot.lapsed += lapsed
        self.entries -= points - lapsed
        rest = points - own - lapsed
        self.owed += self.take([lot for lot in self.lots if lot.is_open(self.now)], rest)
        return points


EVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def half_up(numerator: int, denominator: int) -> int:
    quotient, rest = divmod(numerator, denominator)
    return quotient + (2 * rest >= denominator)
