"""An upload of the operators: kept, shown line by line as it would be done, and done as a whole or not at all."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.imports.csv_schemas import Sheet, Step
from catalog.models import CsvImport
from moments.errors import RuleViolation
from moments.registry import csv_schemas
from moments.web.csv_in import Line, read_lines

MAX_LINES = 1_000


@dataclass(frozen=True)
class Planned:
    """A line of the file, and what it comes to; None where it has problems."""

    line: Line
    step: Step | None


def sheet_class(kind: str) -> type[Sheet]:
    return csv_schemas[kind]


def keep_import(kind: str, *, content: bytes, file_name: str, by: User, now: dt.datetime) -> CsvImport:
    """The upload, to be looked at. Raises ``RuleViolation`` for what is no such file; nothing is done yet."""
    read_sheet(kind, content)
    return CsvImport.objects.create(
        kind=kind,
        file_name=file_name[:200].replace("\x00", "") or "upload.csv",
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        uploaded_by=by,
        uploaded_at=now,
    )


def read_sheet(kind: str, content: bytes) -> list[Line]:
    sheet = sheet_class(kind)
    return read_lines(content, sheet.columns, required=sheet.required, most=MAX_LINES)


def plan_import(found: CsvImport, *, is_done: bool = False, now: dt.datetime) -> list[Planned]:
    """What each line would do now; or does, where that ``is_done`` in the same transaction."""
    lines = read_sheet(found.kind, bytes(found.content))
    sheet = sheet_class(found.kind)(lines, now, is_done=is_done)
    return [Planned(line, None if line.problems else sheet.plan(line)) for line in lines]


def apply_import(found: CsvImport, *, by: User, now: dt.datetime) -> None:
    """Check every line again and apply all of them; none where one is wrong, or where the file was applied before."""
    with transaction.atomic():
        locked = CsvImport.objects.select_for_update().get(pk=found.pk)
        if locked.applied_at:
            raise RuleViolation("already_applied", _("This upload was applied before."))
        planned = plan_import(locked, is_done=True, now=now)
        if any(each.step is None for each in planned):
            raise RuleViolation("bad_lines", _("Some lines are wrong; correct them in the file and upload it again."))
        acts = [each.step.do for each in planned if each.step and each.step.do]
        for act in acts:
            act()
        changes = {"applied_at": now, "applied_by": by, "done": len(acts), "done_before": len(planned) - len(acts)}
        CsvImport.objects.filter(pk=found.pk).update(content=b"", **changes)
    found.refresh_from_db()
