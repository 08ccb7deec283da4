"""Events from a file, and the points page as a member opens it."""

import csv
import io
import secrets
from functools import partial

from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import AuditEntry
from rewards.models import PointAccount, PointEvent, PointsProgram
from rewards.points.csv_events import COLUMNS, record_csv
from rewards.points.setup.programs import leave_app


def sent(app, content: bytes) -> dict:
    return {"app": app.pk, "file": SimpleUploadedFile("events.csv", content, content_type="text/csv")}


def test_lines_are_counted_once_and_refused_lines_say_why(console, app, rule, at):
    content = b"event_id,user_id,action\ne1,ada,buy\ne2,bob,sell\n"

    first = console.post(at("upload"), sent(app, content))
    again = console.post(at("upload"), sent(app, content))

    assert (first.context["outcome"].counted, again.context["outcome"].counted) == (1, 0)
    assert again.context["outcome"].replayed == 1
    assert "“sell”" in first.text and "Known actions: buy." in first.text
    assert PointAccount.objects.get().available == 100 and PointEvent.objects.count() == 1


def test_the_result_of_each_line_is_downloaded(console, app, rule, at):
    lines = b"e1,ada,buy\n=2,bob,sell\ne1,ada,buy\n,x,buy\n"
    page = console.post(at("upload"), sent(app, b"event_id,user_id,action\n" + lines))
    results = page.context["results"]
    assert f'value="{results}"' in page.text

    content = console.post(at("upload_results"), {"results": results}).getvalue().decode("utf-8-sig")

    head, *rows = csv.reader(io.StringIO(content))
    assert head == ["line", "event_id", "status", "points", "code", "detail"]
    assert [row[:5] for row in rows] == [
        ["2", "e1", "counted", "100", ""],
        ["3", "'=2", "refused", "0", "unknown_action"],
        ["4", "e1", "replayed", "100", ""],
        ["5", "", "refused", "0", "invalid_request"],
    ]
    assert "“sell”" in rows[1][5]
    for forged in ("", "x", results + "x", signing.dumps([str(rule.program_id)], salt="another")):
        assert console.post(at("upload_results"), {"results": forged})["Location"] == at("upload")
    other = PointsProgram.objects.create(organization=rule.program.organization, name="Other")
    elsewhere = reverse("console:points:upload_results", args=[other.pk])
    assert console.post(elsewhere, {"results": results}).status_code == 302


def test_results_of_very_long_ids_fit_into_a_request(console, app, rule, at, monkeypatch):
    monkeypatch.setattr("console.points.upload_views.MOST_SEALED", 400)
    ids = [secrets.token_hex(60) for _line in range(20)]
    lines = "".join(f"{one},ada,buy\n" for one in ids)
    page = console.post(at("upload"), sent(app, f"event_id,user_id,action\n{lines}".encode()))

    content = console.post(at("upload_results"), {"results": page.context["results"]}).getvalue().decode("utf-8-sig")

    assert len(page.context["results"]) < 400 and len(content.splitlines()) == 21
    assert content.splitlines()[1] == "2,,counted,100,,"


def test_lines_that_take_too_long_are_left_for_the_next_upload(console, app, member, rule, now):
    content = b"event_id,user_id,action\n" + b"".join(b"e%d,ada,buy\n" % number for number in range(600))

    first = record_csv(app, content, by=member, now=now, seconds=0)
    assert (first.counted, first.not_reached, PointEvent.objects.count()) == (0, 600, 0)
    second = record_csv(app, content, by=member, now=now)

    assert (second.counted, second.not_reached) == (600, 0)


def test_lines_that_were_left_are_said(console, app, rule, at, monkeypatch):
    late = partial(record_csv, seconds=0)
    monkeypatch.setattr("console.points.upload_views.record_csv", late)

    page = console.post(at("upload"), sent(app, b"event_id,user_id,action\ne1,ada,buy\n"))

    assert "1 line is not counted yet" in page.text and PointEvent.objects.count() == 0


def test_too_many_lines_are_refused_in_words(console, app, rule, at):
    content = b"event_id,user_id,action\n" + b"e1,ada,buy\n" * 10_001
    page = console.post(at("upload"), sent(app, content))
    large = console.post(at("upload"), sent(app, content + b" " * (5 * 1024 * 1024)))

    assert "The file has more than 10000 lines. Split it into smaller files." in page.text
    assert "This file is 5.1 MB. Files can be up to 5 MB." in large.text
    assert PointEvent.objects.count() == 0


def test_an_upload_is_in_the_audit_log(console, member, app, rule, at):
    console.post(at("upload"), sent(app, b"event_id,user_id,action\ne1,ada,buy\ne2,bob,sell\n"))
    before = AuditEntry.objects.filter(event=AuditEntry.Event.POINTS_CHANGED).latest("pk")
    assert (before.about, before.actor) == ("Stars: 1 events counted from a CSV file", member.user)

    console.post(at("upload"), sent(app, b"event_id,user_id,action\ne1,ada,buy\n"))

    assert AuditEntry.objects.filter(event=AuditEntry.Event.POINTS_CHANGED).latest("pk") == before


def test_a_file_that_cannot_be_read_is_refused_at_the_field(console, app, rule, at):
    answer = console.post(at("upload"), sent(app, b"user\nada\n"))

    assert answer.status_code == 200 and "event_id" in answer.text and "outcome" not in answer.context
    assert PointEvent.objects.count() == 0
    assert "is required" in console.post(at("upload"), {"app": app.pk}).text


def test_the_sample_can_be_filled_in(console, app, program, at):
    sample = b"".join(console.get(at("upload_sample")).streaming_content).decode("utf-8-sig")

    head, *rows = csv.reader(io.StringIO(sample))
    assert head == COLUMNS and [len(row) for row in rows] == [len(head)] * 2


def test_the_page_says_what_each_column_is_for(console, app, program, at):
    shown = console.get(at("upload")).context["columns"]

    assert [name for name, _required, _about in shown] == COLUMNS
    assert [name for name, required, _about in shown if required] == ["event_id", "user_id", "action"]
    assert all(about for _name, _required, about in shown)


def test_an_analyst_uploads_nothing(analyst, app, rule, at):
    assert analyst.post(at("upload"), sent(app, b"event_id,user_id,action\ne1,ada,buy\n")).status_code == 403
    assert PointEvent.objects.count() == 0


def test_a_member_opens_the_points_page_of_a_user(console, member, program, app, ada, at, now):
    link = console.post(at("open_page", ada.pk))["Location"]

    page = console.get(console.get(link.partition("testserver")[2])["Location"])

    assert "<strong>250</strong> points" in page.text
    leave_app(program, app, by=member, now=now)
    assert console.post(at("open_page", ada.pk))["Location"] == at("user", ada.pk)


def test_an_analyst_opens_no_points_page(analyst, ada, at):
    assert analyst.post(at("open_page", ada.pk)).status_code == 403
