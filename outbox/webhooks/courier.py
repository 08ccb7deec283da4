"""The courier of a worker process: one thread reads and writes rows, and short-lived threads call receivers.

A receiver that hangs occupies a thread of its own and nothing else: no connection to PostgreSQL, no place in the queue
of tasks, and no turn of another receiver. An endpoint gets one thread and one delivery at first, and two threads with
many deliveries each while it answers quickly.
"""

import contextlib
import datetime as dt
import logging
import queue
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from django.db import DatabaseError, close_old_connections, connection

from moments import clock
from moments.db.deadlines import within_deadline
from moments.integrations.circuit_breaker import CircuitBreaker
from moments.integrations.outbound_guard import refuse_inside_a_transaction
from outbox.models import WebhookDelivery
from outbox.webhooks import transport
from outbox.webhooks.deliveries import LEASE, Outcome, claim, due_endpoints, record_outcomes, release
from outbox.webhooks.dispatch import dispatch_events
from outbox.webhooks.endpoints import live_secrets
from outbox.webhooks.messages import bodies_of, headers_of, message_id

logger = logging.getLogger(__name__)

POLL = 0.5  # seconds between two looks for events; nothing has to nudge the courier
RETRY_SECONDS = 5.0  # after PostgreSQL failed
TURN_SECONDS = 30.0  # for the statements of a turn
MOST_THREADS = 128
MOST_UNPROVEN = 96  # of them for endpoints whose last answer was slow or is not known
LANES = 2  # threads of an endpoint
BATCH = 50  # deliveries of a thread
QUICK = 1.0  # seconds of a quick answer
NOT_RENDERED = "The event could not be prepared here; we try again."
database_gone = CircuitBreaker(cooldown=0, name="PostgreSQL", meanwhile="Webhooks wait.")


@dataclass
class Done:
    """What a thread has to report: an attempt, or the deliveries that it did not get to."""

    outcome: Outcome | None = None
    not_attempted: list[WebhookDelivery] = field(default_factory=list)
    ended: UUID | None = None  # the endpoint whose thread has ended


class Courier:
    def __init__(self) -> None:
        self.connections = transport.Connections()
        self.reports: queue.SimpleQueue[Done] = queue.SimpleQueue()
        self.awaited: list[Done] = []
        self.lanes: Counter[UUID] = Counter()  # threads by endpoint
        self.quick: set[UUID] = set()  # endpoints whose last answer was a quick success
        self.stopping = threading.Event()

    # the thread that reads and writes rows

    def start(self) -> threading.Thread:
        thread = threading.Thread(target=self.work_for_ever, daemon=True, name="courier")
        thread.start()
        return thread

    def stop(self) -> None:
        """Claim nothing more. What is under way is recorded if there is time, else it is repeated."""
        self.stopping.set()

    def work_for_ever(self) -> None:
        while not self.stopping.is_set() or self.lanes:
            try:
                with within_deadline(TURN_SECONDS):
                    is_busy = self.turn(now=clock.now())
                database_gone.close()
            except DatabaseError as error:
                database_gone.trip(error)
                connection.close()
                time.sleep(RETRY_SECONDS)
                continue
            except Exception:
                logger.exception("The courier of webhooks failed; it goes on.")
                time.sleep(RETRY_SECONDS)
                continue
            if not is_busy:
                close_old_connections()
                self.connections.close_old()
            self.wait(0 if is_busy else POLL)

    def wait(self, seconds: float) -> None:
        """Wait for a report, which the next turn writes down."""
        if seconds:
            with contextlib.suppress(queue.Empty):
                self.awaited.append(self.reports.get(timeout=seconds))

    def deliver_due(self, *, now: dt.datetime, seconds: float = 50.0) -> int:
        """Deliver what is due, in this thread's connection, until nothing is or time is over. Returns the attempts."""
        began, done = time.monotonic(), 0
        while True:
            passed = time.monotonic() - began
            if passed > seconds:
                self.stopping.set()
            reports = self.drain()
            done += sum(report.outcome is not None for report in reports)
            moved = self.act(reports, now=now + dt.timedelta(seconds=passed))
            if not moved and not reports and not self.lanes:
                return done
            self.wait(0 if moved else 0.05)

    def turn(self, *, now: dt.datetime) -> bool:
        """Write down what threads report and start others. Returns whether more work may be waiting."""
        reports = self.drain()
        return self.act(reports, now=now) or bool(reports)

    def act(self, reports: list[Done], *, now: dt.datetime) -> bool:
        self.record(reports, now)
        if self.stopping.is_set():
            return False
        events = dispatch_events(now=now)
        return self.send_out(now) > 0 or events > 0

    def drain(self) -> list[Done]:
        found, self.awaited = self.awaited, []
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self.reports.get_nowait())
        return found

    def record(self, reports: list[Done], now: dt.datetime) -> None:
        try:
            if outcomes := [report.outcome for report in reports if report.outcome]:
                record_outcomes(outcomes, now=now)
            release([delivery for report in reports for delivery in report.not_attempted], now=now)
        finally:
            for report in reports:
                self.note(report)

    def note(self, report: Done) -> None:
        if outcome := report.outcome:
            endpoint = outcome.delivery.endpoint_id
            is_quick = outcome.answer.is_success and outcome.answer.seconds < QUICK
            (self.quick.add if is_quick else self.quick.discard)(endpoint)
        if report.ended:
            self.lanes[report.ended] -= 1
            if not self.lanes[report.ended]:
                del self.lanes[report.ended]

    def send_out(self, now: dt.datetime) -> int:
        """Claim deliveries for endpoints that have a thread free, and start the threads. Returns how many."""
        counts: dict[UUID, int] = {}
        threads = self.lanes.total()
        unproven = sum(count for endpoint, count in self.lanes.items() if endpoint not in self.quick)
        due = due_endpoints(now)
        random.shuffle(due)  # so that none is always last when there are more than threads
        for endpoint in due:
            is_quick = endpoint in self.quick
            if threads >= MOST_THREADS or self.lanes[endpoint] >= (LANES if is_quick else 1):
                continue
            if not is_quick:
                if unproven >= MOST_UNPROVEN:
                    continue
                unproven += 1
            threads += 1
            counts[endpoint] = BATCH if is_quick else 1
        claimed = claim(counts, now=now)
        if claimed:
            self.hand_over(claimed, now)
        return len(claimed)

    def hand_over(self, claimed: list[WebhookDelivery], now: dt.datetime) -> None:
        refuse_inside_a_transaction()
        bodies = bodies_of({delivery.event_id: delivery.event for delivery in claimed}.values())
        claimed.sort(key=lambda delivery: (str(delivery.endpoint_id), delivery.pk))
        for endpoint_id, group in groupby(claimed, key=lambda delivery: delivery.endpoint_id):
            some = list(group)
            secrets = live_secrets(some[0].endpoint, now=now)
            sender = threading.Thread(
                target=self.send, args=(some, bodies, secrets, now), daemon=True, name=f"webhook-{endpoint_id}"
            )
            sender.start()
            self.lanes[endpoint_id] += 1

    # the threads that call receivers; they use no connection to PostgreSQL

    def send(
        self, deliveries: list[WebhookDelivery], bodies: dict[int, bytes], secrets: list[str], now: dt.datetime
    ) -> None:
        """Attempt one delivery after the other, until one fails or is slow, or too little of the lease is left."""
        began, left = time.monotonic(), list(deliveries)
        endpoint = deliveries[0].endpoint
        latest = (LEASE.total_seconds() - transport.ANSWER_SECONDS) / 2
        try:
            while left and not self.stopping.is_set():
                passed = time.monotonic() - began
                if passed > latest:
                    break
                outcome = self.attempt(left[0], bodies, secrets, now + dt.timedelta(seconds=passed))
                del left[0]
                self.reports.put(Done(outcome=outcome))
                if not outcome.answer.is_success or outcome.answer.seconds > QUICK:
                    break
        except Exception:
            logger.exception("A webhook could not be sent.")
        finally:
            self.reports.put(Done(not_attempted=left, ended=endpoint.pk))

    def attempt(
        self, delivery: WebhookDelivery, bodies: dict[int, bytes], secrets: list[str], at: dt.datetime
    ) -> Outcome:
        body, url = bodies.get(delivery.event_id), delivery.endpoint.url
        if body is None or not secrets:
            return Outcome(delivery, url, at, transport.Answer(None, NOT_RENDERED, "", 0))
        headers = headers_of(message_id(delivery.event), body, secrets, now=at)
        return Outcome(delivery, url, at, transport.post(self.connections, url, body, headers, now=at))


def deliver_due(*, now: dt.datetime, seconds: float = 50.0) -> int:
    """Dispatch events and deliver what is due, with a courier of its own. Returns the number of attempts."""
    courier = Courier()
    try:
        return courier.deliver_due(now=now, seconds=seconds)
    finally:
        courier.connections.close_old(older_than=0)


of_this_process: Courier | None = None


def start_in_this_process() -> None:
    global of_this_process
    of_this_process = Courier()
    of_this_process.start()
