"""Postings to the ledger of points: many users in one transaction, with a constant number of statements.

A ``Posting`` locks accounts in one order, settles what became due by the clock, takes credits and debits in memory, and
writes them with ``save``. Nobody else writes batches, entries, allocations, or the counters of accounts.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from moments.errors import RuleViolation
from rewards.models import PointAccount, PointEntry, PointsProgram
from rewards.points import ledger_sql as sql
from rewards.points.credit_events import announce_credits
from rewards.points.rulebook import calendar_of

Kind = PointEntry.Kind
BatchKey = tuple[int, int, dt.datetime | None, dt.datetime | None]  # account, vintage, available, expires


@dataclass(slots=True)
class Batch:
    pk: int
    vintage: int
    available_at: dt.datetime | None
    expires_at: dt.datetime | None
    remaining: int
    expired: int
    lapsed: int

    def is_available(self, now: dt.datetime) -> bool:
        return self.available_at is None or self.available_at <= now

    def is_expired(self, now: dt.datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    @property
    def order(self) -> tuple:
        """What expires first is spent first; of the same day, what was credited first."""
        return (
            self.expires_at is None,
            self.expires_at or 0,
            self.vintage,
            self.available_at is not None,
            self.available_at or 0,
            self.pk,
        )


@dataclass(slots=True)
class Account:
    """The locked row, as it will be written."""

    pk: int
    app_user_id: str
    available: int
    pending: int
    owed: int
    settled_at: dt.datetime
    due_at: dt.datetime | None
    batches: dict[int, Batch] | None = None  # open ones, where they were needed
    is_changed: bool = False
    is_rescheduled: bool = False  # due_at has to be computed from the batches
    is_unexchanged: bool = False  # points became available, and nobody has made automatic exchanges of them

    @property
    def balance(self) -> int:
        return self.available + self.pending - self.owed


@dataclass(slots=True)
class Line:
    """An entry to be written, and the batches it took from."""

    account: Account
    kind: str
    amount: int
    reference: str
    occurred_at: dt.datetime
    key: BatchKey | None = None
    event_id: int | None = None
    action: str = ""
    reason: str = ""
    actor_id: int | None = None
    taken: list[tuple[int, int]] = field(default_factory=list)  # batch, points


@dataclass(slots=True)
class Addition:
    """What the credits of one posting add to a batch."""

    credited: int = 0
    repaid: int = 0
    expired: int = 0


class Posting:
    """Use it in a transaction: ``open``, credits and debits, ``save``. What it returns is final once saved."""

    def __init__(self, program: PointsProgram, test_ledger: int, *, now: dt.datetime) -> None:
        self.program, self.test_ledger, self.now = program, test_ledger, now
        self.calendar = calendar_of(program)
        self.accounts: dict[str, Account] = {}
        self.created: set[str] = set()
        self._lines: list[Line] = []
        self._additions: dict[BatchKey, Addition] = defaultdict(Addition)
        self._repayments: list[tuple[BatchKey | int, int]] = []
        self._touched: dict[int, Batch] = {}
        self._totals: dict[str, int] = defaultdict(int)

    def open(self, users: Iterable[str]) -> "Posting":
        """Lock these users' accounts, make those that are missing, and settle what is due."""
        wanted = sorted(set(users) - set(self.accounts))
        rows, self.created = sql.lock_accounts(self.program.pk, self.test_ledger, wanted, self.now)
        for row in rows:
            account = Account(*row)
            account.is_unexchanged = account.due_at is not None and account.due_at <= account.settled_at
            self.accounts[account.app_user_id] = account
        due = [one for one in self.accounts.values() if one.due_at is not None and one.due_at <= self.now]
        for account, batches in self._load(due, only_due=True):
            self._settle(account, batches)
        return self

    def time_of(self, account: Account) -> dt.datetime:
        """Never before what is settled already: another caller may have asked the clock later and come first."""
        return max(self.now, account.settled_at)

    # ---- what is due by the clock

    def _settle(self, account: Account, batches: list[Batch]) -> None:
        now = self.time_of(account)
        matured = [one for one in batches if one.available_at and account.settled_at < one.available_at <= now]
        for batch in sorted(matured, key=lambda one: (one.available_at, one.pk)):
            account.pending -= batch.remaining
            repaid = min(account.owed, batch.remaining)
            if repaid:
                self._repay(account, batch.pk, repaid)
                batch.remaining -= repaid
                self._touched[batch.pk] = batch
            account.available += batch.remaining
        for batch in batches:
            if batch.is_expired(now) and batch.remaining:
                account.available -= batch.remaining
                self._expire(account, batch)
        account.settled_at = now
        account.is_changed = account.is_rescheduled = True
        account.is_unexchanged |= bool(matured)

    def exchanges(self, accounts: Iterable[Account]) -> None:
        """The caller makes automatic exchanges of these accounts. Others whose points became available stay due, so
        that the next sweep makes theirs (``settlement.settle_due``)."""
        for account in accounts:
            if account.is_unexchanged:
                account.is_unexchanged = False
                account.is_changed = account.is_rescheduled = True

    def _expire(self, account: Account, batch: Batch) -> None:
        batch.expired += batch.remaining
        reference = f"expiry:{batch.pk}:{batch.expired}"
        expires_at = batch.expires_at or self.now
        line = Line(account, Kind.EXPIRY, -batch.remaining, reference, expires_at, taken=[(batch.pk, batch.remaining)])
        self._lines.append(line)
        self._totals["expired"] += batch.remaining
        batch.remaining = 0
        self._touched[batch.pk] = batch

    def _repay(self, account: Account, batch: BatchKey | int, points: int) -> None:
        account.owed -= points
        self._repayments.append((batch, points))

    # ---- credits

    def credit(
        self,
        account: Account,
        points: int,
        *,
        reference: str,
        occurred_at: dt.datetime,
        available_at: dt.datetime | None = None,
        expires_at: dt.datetime | None = None,
        kind: str = Kind.CREDIT,
        **of_line: Any,
    ) -> None:
        """Add points to the batch of their days. What is available at once pays first what the user owes."""
        now = self.time_of(account)
        key = (account.pk, self.program.vintage, available_at, expires_at)
        self._lines.append(Line(account, kind, points, reference, occurred_at, key=key, **of_line))
        self._totals["adjusted" if kind == Kind.ADJUSTMENT else "credited"] += points
        addition = self._additions[key]
        addition.credited += points
        account.is_changed = True
        if expires_at is not None and expires_at <= now:  # an event that came so late that its points expired
            addition.expired += points
            return
        if available_at is not None and available_at > now:
            account.pending += points
            self._plan(account, available_at)
        else:
            repaid = min(account.owed, points)
            if repaid:
                self._repay(account, key, repaid)
                addition.repaid += repaid
            account.available += points - repaid
        if expires_at is not None:
            self._plan(account, expires_at)

    def _plan(self, account: Account, instant: dt.datetime) -> None:
        if account.due_at is None or instant < account.due_at:
            account.due_at = instant

    # ---- debits

    def debit(
        self,
        account: Account,
        points: int,
        *,
        kind: str,
        reference: str,
        occurred_at: dt.datetime,
        min_vintage: int = 0,
        **of_line: Any,
    ) -> None:
        """Take available points, the oldest first, from batches of ``min_vintage`` or later. All or nothing."""
        fitting = self._fitting(account, min_vintage)
        has = sum(one.remaining for one in fitting)
        if has < points:
            message = _("%(wanted)d points cannot be taken; the user has %(has)d available.")
            raise RuleViolation("insufficient_points", message % {"wanted": points, "has": has})
        line = Line(account, kind, -points, reference, occurred_at, **of_line)
        account.available -= self._take(line, sorted(fitting, key=lambda one: one.order), points)
        self._book_debit(line)

    def spendable(self, account: Account, min_vintage: int = 0) -> int:
        return sum(one.remaining for one in self._fitting(account, min_vintage))

    def _fitting(self, account: Account, min_vintage: int) -> list[Batch]:
        now = self.time_of(account)
        return [
            one
            for one in self.batches_of(account).values()
            if one.remaining and one.vintage >= min_vintage and one.is_available(now) and not one.is_expired(now)
        ]

    def take_back(
        self, account: Account, points: int, *, batch_id: int, reference: str, occurred_at: dt.datetime, **of_line: Any
    ) -> int:
        """Take back what an event gave, from its own batch first, then from others; the rest is owed. Pending points of
        other batches stay. Returns how many had expired, which are not taken twice."""
        now = self.time_of(account)
        batches = self.batches_of(account)
        batch = batches.get(batch_id) or self._touched.get(batch_id) or Batch(*sql.load_batch(batch_id))
        line = Line(account, Kind.REVERSAL, 0, reference, occurred_at, **of_line)
        taken = self._take(line, [batch], points)
        if batch.is_available(now):
            account.available -= taken
        else:
            account.pending -= taken
        lapsed = min(batch.expired - batch.lapsed, points - taken)
        if lapsed:
            batch.lapsed += lapsed
            self._touched[batch.pk] = batch
        left = points - taken - lapsed
        others = [one for one in batches.values() if one.is_available(now) and not one.is_expired(now)]
        from_others = self._take(line, sorted(others, key=lambda one: one.order), left)
        account.available -= from_others
        account.owed += left - from_others
        line.amount = lapsed - points
        if line.amount:
            self._book_debit(line)
        account.is_changed = True
        return lapsed

    def _take(self, line: Line, batches: Iterable[Batch], points: int) -> int:
        taken = 0
        for batch in batches:
            some = min(batch.remaining, points - taken)
            if some:
                batch.remaining -= some
                taken += some
                line.taken.append((batch.pk, some))
                self._touched[batch.pk] = batch
        return taken

    def _book_debit(self, line: Line) -> None:
        name = {Kind.DEBIT: "spent", Kind.REVERSAL: "reversed"}.get(Kind(line.kind))
        if name:
            self._totals[name] -= line.amount
        else:
            self._totals["adjusted"] += line.amount
        self._lines.append(line)
        line.account.is_changed = line.account.is_rescheduled = True

    def batches_of(self, account: Account) -> dict[int, Batch]:
        """The open batches of a locked account. Credits of this posting are not among them: save first."""
        if account.batches is None:
            found = self._load([account], only_due=False)
            account.batches = {one.pk: self._touched.get(one.pk, one) for _account, rows in found for one in rows}
        return account.batches

    def _load(self, accounts: list[Account], *, only_due: bool) -> list[tuple[Account, list[Batch]]]:
        if not accounts:
            return []
        found: dict[int, list[Batch]] = defaultdict(list)
        for account_id, *row in sql.load_open_batches([one.pk for one in accounts], self.now if only_due else None):
            found[account_id].append(Batch(*row))
        return [(one, found[one.pk]) for one in accounts]

    # ---- writing

    def save(self) -> None:
        """Write everything. The posting can go on afterward."""
        batch_ids = self._save_batches()
        numbers = sql.insert_entries(
            [
                (one.account.pk, str(one.kind), one.amount, one.reference, batch_ids.get(one.key) if one.key else None)
                + (one.event_id, one.action, one.reason, one.actor_id, one.occurred_at, self.now)
                for one in self._lines
            ],
            wanted=any(one.taken for one in self._lines),
        )
        announce_credits(self.program, self.test_ledger, self._lines, now=self.now)
        taken = [(numbers[one.reference], *each) for one in self._lines for each in one.taken]
        repaid = [
            (None, batch if isinstance(batch, int) else batch_ids[batch], points) for batch, points in self._repayments
        ]
        sql.insert_allocations(taken + repaid, self.now)
        changed = [one for one in self.accounts.values() if one.is_changed]
        for account in changed:
            account.settled_at = self.time_of(account)
        sql.update_accounts(changed)
        self._forget()

    def close(self) -> None:
        """Write what is left, and the totals last: every posting of the program wants that row, and an exchange waits
        for the rows of its campaign before."""
        self.save()
        self._save_totals()

    def _save_batches(self) -> dict[BatchKey, int]:
        """Credits of one batch are one row; what had expired on arrival gets its expiry entry. What was settled is
        written first: it is absolute, and what is credited adds to it."""
        sql.update_batches([(one.pk, one.remaining, one.expired, one.lapsed) for one in self._touched.values()])
        ids: dict[BatchKey, int] = {}
        rows = [(*key, add.credited, add.repaid, add.expired) for key, add in self._additions.items()]
        by_id = {one.pk: one for one in self.accounts.values()}
        for pk, expired, *key in sql.upsert_batches(rows):
            found = (key[0], key[1], key[2], key[3])
            ids[found] = pk
            if points := self._additions[found].expired:
                reference, expires_at = f"expiry:{pk}:{expired}", key[3] or self.now
                self._lines.append(
                    Line(by_id[key[0]], Kind.EXPIRY, -points, reference, expires_at, taken=[(pk, points)])
                )
                self._totals["expired"] += points
        return ids

    def _save_totals(self) -> None:
        if self.created:
            self._totals["members"] += len(self.created)
        if self.test_ledger == 0 and any(self._totals.values()):
            sql.add_totals(self.program.pk, self.calendar.day_of(self.now), self._totals)
        self._totals.clear()
        self.created = set()

    def _forget(self) -> None:
        self._lines, self._repayments, self._touched = [], [], {}
        self._additions.clear()
        for account in self.accounts.values():
            account.batches, account.is_changed, account.is_rescheduled = None, False, False


def lock_account(
    program: PointsProgram, app_user_id: str, *, test_ledger: int = 0, now: dt.datetime
) -> tuple[Posting, Account]:
    """A posting for one user. The account is locked until the transaction ends."""
    posting = Posting(program, test_ledger, now=now).open([app_user_id])
    return posting, posting.accounts[app_user_id]


def refresh(row: PointAccount, account: Account) -> None:
    """Bring a model instance up to the posting."""
    for name in ("available", "pending", "owed", "settled_at", "due_at"):
        setattr(row, name, getattr(account, name))
