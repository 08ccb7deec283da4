"""Users earn points for actions: one event, or up to 500 in one transaction."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import App
from moments.errors import RuleViolation
from rewards.issuing.service import IssueResult
from rewards.models import APP_FIRST_SEEN, PointAppUser, PointEvent, PointsProgram, PointTier
from rewards.points import event_emails
from rewards.points import event_store as store
from rewards.points.automatic import automatic_tiers, exchange_automatically
from rewards.points.balances import available_of
from rewards.points.judging import Judging
from rewards.points.ledger import Account, Posting
from rewards.points.lookups import LIVE, fingerprint_of, ledger_of, program_of, refuse_blank
from rewards.points.rulebook import EARLIEST, LATEST, Rulebook
from rewards.points.rules import Occurrence, Verdict

MOST = 500
TRIES = 5  # of a call that met a twin's event; each twin is met once
COUNTED, REPLAYED, REFUSED = "counted", "replayed", "refused"


@dataclass(frozen=True)
class EventRequest:
    """What an app reports. ``amount_minor`` in minor units of ``currency``; without ``occurred_at`` it is now.

    ``email`` is where to email about automatic exchanges that the event causes. It is no part of the fingerprint: a
    repeat with another address is a repeat, and the first address counts.
    """

    event_id: str
    app_user_id: str
    action: str
    category: str = ""
    quantity: int = 1
    amount_minor: int | None = None
    currency: str = ""
    occurred_at: dt.datetime | None = None
    email: str = ""

    @property
    def fingerprint(self) -> str:
        when = self.occurred_at.astimezone(dt.UTC).isoformat() if self.occurred_at else ""
        money = (self.amount_minor, self.currency)
        return fingerprint_of(self.app_user_id, self.action, self.category, self.quantity, money, when)

    def occurrence(self, now: dt.datetime) -> Occurrence:
        at = self.occurred_at or now
        return Occurrence(self.action, self.category, self.quantity, self.amount_minor, self.currency, at)


@dataclass(frozen=True)
class EventResult:
    """What became of an event. ``points`` are what it earned, ``pending`` those of them that wait.

    ``available`` is the user's balance after the whole call. ``exchanged`` holds the rewards of automatic exchanges
    that the event caused, the same at every repeat. ``verdict`` says why, for an event that was counted now.
    """

    event_id: str
    status: str
    points: int = 0
    pending: int = 0
    available: int = 0
    code: str = ""
    detail: str = ""
    exchanged: tuple[IssueResult, ...] = ()
    verdict: Verdict | None = None

    @property
    def is_replay(self) -> bool:
        return self.status == REPLAYED


class MetTwin(Exception):  # noqa: N818 - ends a try, which is made again
    """Another call stored one of the events first."""


def record_event(app: App, event: EventRequest, *, is_live: bool = True, now: dt.datetime) -> EventResult:
    """Count one event. A refusal is raised, and nothing is stored."""
    (result,) = _record(app, [event], is_live=is_live, now=now, raises=True)
    return result


def record_events(
    app: App, events: Sequence[EventRequest], *, is_live: bool = True, now: dt.datetime
) -> list[EventResult]:
    """Count up to 500 events, in their order. An event that is refused stops no other.

    Refusals: ``unknown_action``, ``unknown_category``, ``event_too_old``, ``event_id_reused``, ``invalid_request``.
    """
    if not 1 <= len(events) <= MOST:
        message = _("events has %(number)d items; send 1 to %(most)d in a call.")
        raise RuleViolation("invalid_request", message % {"most": MOST, "number": len(events)}, field="events")
    return _record(app, events, is_live=is_live, now=now, raises=False)


def _record(
    app: App, events: Sequence[EventRequest], *, is_live: bool, now: dt.datetime, raises: bool
) -> list[EventResult]:
    program = program_of(app)
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                return _Call(app, program, events, is_live=is_live, now=now, raises=raises).run()
        except MetTwin:
            if attempt == TRIES - 1:
                raise
    raise AssertionError


class _Call:
    """One try of one call."""

    def __init__(
        self,
        app: App,
        program: PointsProgram,
        events: Sequence[EventRequest],
        *,
        is_live: bool,
        now: dt.datetime,
        raises: bool,
    ) -> None:
        self.app, self.program, self.events = app, program, events
        self.ledger = ledger_of(program, is_live=is_live)
        self.now, self.raises = now, raises
        self.results: dict[int, EventResult] = {}
        self.rows: dict[str, store.Stored] = {}
        self.fingerprints = [event.fingerprint for event in events]

    def run(self) -> list[EventResult]:
        self.rows = store.find(self.app, self.ledger, [event.event_id for event in self.events])
        new = self._new()
        rulebook = Rulebook(self.program, {self.events[index].action for index in new}, now=self.now)
        new = [index for index in new if self._is_allowed(index, rulebook)]
        posting = Posting(self.program, self.ledger, now=self.now)
        if new:
            self._count(new, rulebook, posting)
        self._replay()
        return self._with_balances(posting)

    def _new(self) -> list[int]:
        """Places of events that were not stored before, the first of each id."""
        seen, new = set(self.rows), []
        for index, event in enumerate(self.events):
            if event.event_id not in seen:
                seen.add(event.event_id)
                new.append(index)
        return new

    def _is_allowed(self, index: int, rulebook: Rulebook) -> bool:
        event = self.events[index]
        try:
            refuse_blank(event_id=event.event_id, user_id=event.app_user_id, action=event.action)
            refuse_bad_time(event, now=self.now)
            if event.email:
                event_emails.address_in(event.email)
            if event.action == APP_FIRST_SEEN:
                message = _("action is “%s”, which is counted automatically when a user is first seen in an app.")
                message %= APP_FIRST_SEEN
                raise RuleViolation("invalid_request", message, field="action")
            rulebook.refuse_unknown(event.occurrence(self.now))
        except RuleViolation as refusal:
            self._refuse(index, refusal)
            return False
        return True

    def _refuse(self, index: int, refusal: RuleViolation) -> None:
        if self.raises:
            raise refusal
        event_id = self.events[index].event_id
        self.results[index] = EventResult(event_id, REFUSED, code=refusal.code, detail=refusal.message)

    def _count(self, new: list[int], rulebook: Rulebook, posting: Posting) -> None:
        posting.open(self.events[index].app_user_id for index in new)
        accounts = posting.accounts
        judging = Judging(rulebook, [one.pk for one in accounts.values()], now=self.now)
        verdicts = {}
        for index in new:
            event = self.events[index]
            account = accounts[event.app_user_id]
            verdicts[index] = judging.judge(account.pk, event.occurrence(self.now))
        ids = self._store(new, accounts, verdicts)
        for index in new:
            self._credit(index, verdicts[index], ids, posting)
        self._see(new, judging, posting)
        tiers = automatic_tiers(self.program)
        earned = {self.events[index].app_user_id for index in new if self.results[index].points}
        posting.exchanges([accounts[user] for user in earned] if tiers else accounts.values())
        posting.save()
        judging.save()
        if rulebook.statuses:
            store.set_statuses(judging.statuses([one.pk for one in accounts.values()]))
        if tiers:
            self._exchange(new, ids, posting, tiers)
            self._keep_emails(new, ids, verdicts)
        posting.close()

    def _store(self, new: list[int], accounts: dict[str, Account], verdicts: dict[int, Verdict]) -> dict[str, int]:
        rows = []
        for index in new:
            event, verdict = self.events[index], verdicts[index]
            version = verdict.version.pk if verdict.version else None
            rows.append(
                (event.event_id, accounts[event.app_user_id].pk, event.action, event.category, event.quantity)
                + (event.amount_minor, event.currency, self.fingerprints[index], version, verdict.points)
                + (event.occurred_at or self.now,)
            )
        ids = store.insert(self.app, self.ledger, rows, self.now)
        if len(ids) != len(rows):
            raise MetTwin
        return ids

    def _credit(self, index: int, verdict: Verdict, ids: dict[str, int], posting: Posting) -> None:
        event = self.events[index]
        account = posting.accounts[event.app_user_id]
        if verdict.points:
            posting.credit(
                account,
                verdict.points,
                reference=f"event:{ids[event.event_id]}",
                occurred_at=event.occurred_at or self.now,
                available_at=verdict.available_at,
                expires_at=verdict.expires_at,
                event_id=ids[event.event_id],
                action=event.action,
            )
        waits = verdict.available_at is not None and verdict.available_at > self.now
        pending = verdict.points if waits else 0
        self.results[index] = EventResult(event.event_id, COUNTED, verdict.points, pending, verdict=verdict)

    def _see(self, new: list[int], judging: Judging, posting: Posting) -> None:
        """Credit who is seen in a further app of the program for the first time."""
        first: dict[str, dt.datetime] = {}
        for index in new:
            event = self.events[index]
            first.setdefault(event.app_user_id, event.occurred_at or self.now)
        accounts = {posting.accounts[user].pk: user for user in first}
        seen = store.apps_seen(self.app, list(accounts))
        unseen = [pk for pk in accounts if not seen.get(pk)]
        if not unseen:
            return
        rows = [PointAppUser(account_id=pk, app=self.app, first_seen_at=first[accounts[pk]]) for pk in sorted(unseen)]
        PointAppUser.objects.bulk_create(rows, ignore_conflicts=True)
        if APP_FIRST_SEEN not in judging.rulebook.versions:
            return
        for pk in unseen:
            if pk not in seen:  # the app in which the program met the user is no further one
                continue
            at = first[accounts[pk]]
            verdict = judging.judge(pk, Occurrence(APP_FIRST_SEEN, "", 1, None, "", at))
            if verdict.points:
                posting.credit(
                    posting.accounts[accounts[pk]],
                    verdict.points,
                    reference=f"{APP_FIRST_SEEN}:{pk}:{self.app.pk}",
                    occurred_at=at,
                    available_at=verdict.available_at,
                    expires_at=verdict.expires_at,
                    action=APP_FIRST_SEEN,
                )

    def _exchange(self, new: list[int], ids: dict[str, int], posting: Posting, tiers: list[PointTier]) -> None:
        """Each user's automatic exchanges, caused by the user's last event that earned something."""
        last = {self.events[index].app_user_id: index for index in new if self.results[index].points}
        lowest = min(tier.points for tier in tiers)
        for user, index in sorted(last.items()):
            account = posting.accounts[user]
            if account.available < lowest:
                continue
            event = PointEvent.objects.select_related("app").get(pk=ids[self.events[index].event_id])
            done = exchange_automatically(
                posting, account, tiers, event=event, email=self._email_of(index), now=self.now
            )
            self.results[index] = replace(self.results[index], exchanged=tuple(done))

    def _email_of(self, index: int) -> str:
        """Nobody is emailed about an exchange of test points."""
        email = self.events[index].email
        return event_emails.address_in(email) if email and self.ledger == LIVE else ""

    def _keep_emails(self, new: list[int], ids: dict[str, int], verdicts: dict[int, Verdict]) -> None:
        emailed = [index for index in new if verdicts[index].points and self._email_of(index)]
        if emailed:
            found = [
                (ids[self.events[index].event_id], self._email_of(index), verdicts[index].available_at)
                for index in emailed
            ]
            event_emails.keep_needed(found, now=self.now)

    def _replay(self) -> None:
        """Events that were stored before, in an earlier call or earlier in this one."""
        left = [index for index in range(len(self.events)) if index not in self.results]
        if not left:
            return
        again = {self.events[index].event_id for index in left} - set(self.rows)
        self.rows |= store.find(self.app, self.ledger, list(again)) if again else {}
        ids = [self.events[index].event_id for index in left]
        exchanged = store.exchanged_by([self.rows[event_id].pk for event_id in ids if event_id in self.rows])
        for index in left:
            event_id = self.events[index].event_id
            row = self.rows.get(event_id)
            if row is None:  # its first one in this call was refused
                message = _("An event with the event_id “%s” was refused earlier in this call; correct it.")
                self._refuse(index, RuleViolation("event_id_reused", message % event_id))
            elif row.fingerprint != self.fingerprints[index]:
                message = _("The event_id “%s” was used before, for another event. Each event needs its own.")
                self._refuse(index, RuleViolation("event_id_reused", message % event_id, field="event_id"))
            else:
                waits = row.available_at is not None and row.available_at > self.now
                self.results[index] = EventResult(
                    event_id, REPLAYED, row.points, row.points if waits else 0, exchanged=exchanged.get(row.pk, ())
                )

    def _with_balances(self, posting: Posting) -> list[EventResult]:
        known = {user: account.available for user, account in posting.accounts.items()}
        missing = {self.events[index].app_user_id for index in self.results} - set(known)
        if missing:
            known |= available_of(self.program, self.ledger, sorted(missing), self.now)
        return [
            replace(self.results[index], available=known.get(event.app_user_id, 0))
            for index, event in enumerate(self.events)
        ]


def refuse_bad_time(event: EventRequest, *, now: dt.datetime) -> None:
    if event.occurred_at is None:
        return
    if event.occurred_at < now - LATEST:
        message = _("occurred_at is %(when)s; send events within 7 days after they occur.")
        raise RuleViolation("event_too_old", message % {"when": _shown(event.occurred_at)}, field="occurred_at")
    if event.occurred_at > now + EARLIEST:
        message = _("occurred_at is %(when)s, which is in the future: it is %(now)s now.")
        values = {"when": _shown(event.occurred_at), "now": _shown(now)}
        raise RuleViolation("invalid_request", message % values, field="occurred_at")


def _shown(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
