"""Bulk uploads: a file is checked, confirmed by a member, then issued line by line by any worker."""

import datetime as dt
import enum
import hashlib
import json
import logging
import time
import uuid
from collections.abc import Iterator
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.organizations.audit import AuditEvent, record
from campaigns.budget import runaway_brake
from campaigns.models import Campaign
from moments.errors import RuleViolation
from moments.integrations.task_dispatch import enqueue
from moments.lifecycle import advance
from moments.web.csv_in import Line
from outbox.service import record_event
from rewards.bulk.csv_schema import read_sheet
from rewards.issuing.outcomes import IssueOutcome
from rewards.issuing.preflight import refuse_unless_live
from rewards.issuing.refusals import REFUSALS, HeldForReview, RefusedAlone, refusal
from rewards.issuing.service import IssueRequest, IssueResult, issue_and_mail, issue_reward
from rewards.models import BatchRow, Reward, RewardBatch
from rewards.points.lookups import fingerprint_of

logger = logging.getLogger(__name__)

STEP = 20.0  # seconds per step, to leave the worker time for other tasks
KEPT_UNCONFIRMED = dt.timedelta(days=30)
Status, RowStatus = RewardBatch.Status, BatchRow.Status

COPY = """
COPY rewards_batchrow (batch_id, line, status, moment, "group", app_user_id, email, device_type, locale, key, problems,
    refusal) FROM STDIN
"""


# Check, without issuing


def check_upload(campaign: Campaign, *, content: bytes, file_name: str, by: Member, now: dt.datetime) -> RewardBatch:
    """Read a file and store every line with its problems. Issues nothing. Raises ``RuleViolation`` if it cannot be
    read.
    """
    lines = read_sheet(content, campaign)
    is_bad = any(line.problems for line in lines)
    with transaction.atomic():
        batch = RewardBatch.objects.create(
            organization=campaign.organization,
            campaign=campaign,
            status=Status.BAD if is_bad else Status.CHECKED,
            file_name=file_name[:200].replace("\x00", "") or "upload.csv",
            sha256=hashlib.sha256(content).hexdigest(),
            uploaded_by=by.user,
            uploaded_at=now,
        )
        _keep(batch, lines)
    return batch


def _keep(batch: RewardBatch, lines: list[Line]) -> None:
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for line in lines:
            status = RowStatus.BAD if line.problems else RowStatus.WAITING
            values = line.values
            copy.write_row(
                (
                    *(batch.pk, line.number, status, values["moment"], values["group"], values["user_id"]),
                    *(values["email"], values["device_type"], values["locale"], values["key"]),
                    *(json.dumps(line.problems), ""),
                )
            )


def confirm_batch(batch: RewardBatch, *, by: Member, skips_errors: bool = False, now: dt.datetime) -> None:
    """Start to issue the valid lines.

    A file with errors is refused unless ``skips_errors`` is set.
    """
    if batch.status == Status.BAD and not skips_errors:
        raise RuleViolation("batch_has_errors", _("This file has errors. Fix them, or issue the valid lines only."))
    if not batch.rows.filter(status=RowStatus.WAITING).exists():
        raise RuleViolation("batch_has_errors", _("This file has no valid line to issue."))
    refuse_unless_live(batch.campaign, now=now)
    with transaction.atomic():
        advance(batch, Status.ISSUING, confirmed_by=by.user, confirmed_at=now)
        record(batch.organization, AuditEvent.UPLOAD_CONFIRMED, _about(batch), by=by.user, now=now)
        _nudge_after_commit(batch.pk)


def _about(batch: RewardBatch) -> str:
    return f"{batch.file_name}: {batch.campaign.name}"


def cancel_batch(batch: RewardBatch, *, by: Member, now: dt.datetime) -> None:
    """Stop an upload. Rewards that were already issued stay issued and charged."""
    with transaction.atomic():
        advance(batch, Status.CANCELED, ended_at=now)
        record(batch.organization, AuditEvent.UPLOAD_CANCELED, _about(batch), by=by.user, now=now)


def discard_batch(batch: RewardBatch) -> None:
    """Delete an upload that was not confirmed. Raises ``RuleViolation`` if it was."""
    done, _counts = RewardBatch.objects.filter(pk=batch.pk, status__in=[Status.BAD, Status.CHECKED]).delete()
    if not done:
        raise RuleViolation("illegal_move", _("This upload was confirmed, so it is kept."))


# Issuing; the sweep resumes interrupted uploads


def issue_rows(batch_id: uuid.UUID, *, now: dt.datetime, seconds: float = STEP) -> int:
    """Issue lines of a confirmed upload for ``seconds``. Returns how many were processed. Safe to run concurrently.

    Each line is locked, issued and updated in one transaction, so an interrupted worker leaves it unchanged.
    """
    batch = RewardBatch.objects.select_related("campaign__organization").filter(pk=batch_id).first()
    if batch is None or batch.status != Status.ISSUING:
        return 0
    runaway_brake.trust_until(batch.campaign, now + dt.timedelta(seconds=seconds))
    done, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            outcome = _issue_next(batch, now=now)
        except OperationalError as error:  # lock contention on the counters; the sweep resumes
            logger.warning("Upload %s rests after %d lines: %s", batch_id, done, error)
            return done
        if outcome in {Outcome.HELD, Outcome.NONE_LEFT}:
            break
        done += 1
    _finish_if_done(batch, now=now)
    return done


def process_chunk(batch_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Issue lines for a while and enqueue the task again if some are left."""
    if issue_rows(batch_id, now=now) and RewardBatch.objects.being_issued().filter(pk=batch_id).exists():
        enqueue("rewards.tasks.issue_batch", str(batch_id))


def issue_due_batches(*, now: dt.datetime) -> int:
    """Continue every upload that is being issued. Returns how many lines were processed.

    Also deletes uploads that were not confirmed within 30 days.
    """
    RewardBatch.objects.filter(confirmed_at=None, uploaded_at__lt=now - KEPT_UNCONFIRMED).delete()
    due = RewardBatch.objects.being_issued().values_list("pk", flat=True)
    return sum(issue_rows(batch_id, now=now, seconds=STEP / 2) for batch_id in due)


class Outcome(enum.Enum):
    DONE, HELD, NONE_LEFT = range(3)


def _issue_next(batch: RewardBatch, *, now: dt.datetime) -> Outcome:
    """Issue the next line that no other worker has locked."""
    waiting = BatchRow.objects.filter(batch=batch, status=RowStatus.WAITING, batch__status=Status.ISSUING)
    with transaction.atomic():
        row = waiting.order_by("line").select_for_update(skip_locked=True, of=("self",)).first()
        if row is None:
            return Outcome.NONE_LEFT
        try:
            issued = _issue(batch, row, now)
        except HeldForReview:
            return Outcome.HELD  # the line waits until the campaign is released
        except RefusedAlone as refused:
            _mark(row, RowStatus.REFUSED, refusal=refused.code)
            return Outcome.DONE
        except RuleViolation as refused:
            _mark(row, RowStatus.REFUSED, refusal=refused.code)
            code = refused.code
        else:
            known = RowStatus.REPEATED if issued.is_replay else RowStatus.ISSUED
            _mark(row, known, reward_id=issued.reward_id)
            return Outcome.DONE
    _refuse_the_rest(row, code)
    return Outcome.DONE


def _issue(batch: RewardBatch, row: BatchRow, now: dt.datetime) -> IssueResult:
    ask = IssueRequest(
        app_id=batch.campaign.app_id,
        campaign_id=batch.campaign_id,
        moment=row.moment,
        group=row.group,
        device_type=row.device_type,
        source=Reward.Source.CSV,
        app_user_id=row.app_user_id or None,
        idempotency_key=f"csv:{row.key}" if row.key else f"batch:{batch.pk}:{row.line}",
        fingerprint=fingerprint_of(row.moment, row.group, row.app_user_id, row.email),
        locale=row.locale,
    )
    with transaction.atomic():
        issued = issue_and_mail(ask, to_email=row.email, now=now) if row.email else issue_reward(ask)
    if issued.is_preview:
        raise refusal(IssueOutcome.CAMPAIGN_NOT_STARTED)
    return issued


def _mark(row: BatchRow, status: str, **changes: Any) -> None:
    BatchRow.objects.filter(pk=row.pk).update(status=status, **changes)


def _refuse_the_rest(row: BatchRow, code: str) -> None:
    """Refuse the other waiting lines of the same moment and reward group, since the cap or campaign status applies to
    all.
    """
    same = BatchRow.objects.filter(batch_id=row.batch_id, status=RowStatus.WAITING, moment=row.moment, group=row.group)
    same.update(status=RowStatus.REFUSED, refusal=code)


def _finish_if_done(batch: RewardBatch, *, now: dt.datetime) -> None:
    with transaction.atomic():
        ended = RewardBatch.objects.filter(pk=batch.pk, status=Status.ISSUING).exclude(
            Exists(BatchRow.objects.filter(batch=OuterRef("pk"), status=RowStatus.WAITING))
        )
        if ended.update(status=Status.DONE, ended_at=now):
            counts = counts_of(batch)
            payload = {"batch": str(batch.pk), "campaign": str(batch.campaign_id), **counts}
            dedupe_key = f"batch.finished:{batch.pk}"
            record_event(batch.organization, "batch.finished", payload, dedupe_key=dedupe_key, now=now)


def _nudge_after_commit(batch_id: uuid.UUID) -> None:
    transaction.on_commit(lambda: enqueue("rewards.tasks.issue_batch", str(batch_id)), robust=True)


# Results


def counts_of(batch: RewardBatch) -> dict[str, int]:
    """Return the number of lines per status."""
    found = dict(batch.rows.order_by("status").values_list("status").annotate(Count("pk")))
    return {status: found.get(status, 0) for status in RowStatus.values}


def refusals_of(batch: RewardBatch) -> list[tuple[str, str, int]]:
    """Return (code, sentence, number of lines), the most frequent first."""
    refused = batch.rows.filter(status=RowStatus.REFUSED).order_by().values_list("refusal").annotate(count=Count("pk"))
    return [(code, sentence_of(code), count) for code, count in refused.order_by("-count", "refusal")]


def sentence_of(code: str) -> str:
    if code in {IssueOutcome.UNKNOWN_MOMENT, IssueOutcome.UNKNOWN_REWARD_GROUP}:
        return _("The campaign no longer has what this line names.")
    return _(REFUSALS[code][1]) if code in REFUSALS else code


def rows_of(batch: RewardBatch, *, chunk: int = 2000) -> Iterator[BatchRow]:
    """Yield every line with its reward, fetched in chunks."""
    after = 0
    while rows := list(batch.rows.filter(line__gt=after).select_related("reward").order_by("line")[:chunk]):
        yield from rows
        after = rows[-1].line
