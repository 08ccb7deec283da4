"""Events from a file, and the points page as a member opens it."""

from django.core.files.uploadedfile import SimpleUploadedFile

from rewards.models import PointAccount, PointEvent
from rewards.points.programs import leave_app


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


def test_a_file_that_cannot_be_read_is_refused_at_the_field(console, app, rule, at):
    answer = console.post(at("upload"), sent(app, b"user\nada\n"))

    assert answer.status_code == 200 and "event_id" in answer.text and "outcome" not in answer.context
    assert PointEvent.objects.count() == 0
    assert "is required" in console.post(at("upload"), {"app": app.pk}).text


def test_the_sample_can_be_filled_in(console, app, program, at):
    sample = b"".join(console.get(at("upload_sample")).streaming_content).decode("utf-8-sig")

    assert sample.splitlines()[0].startswith("event_id,user_id,action") and len(sample.splitlines()) == 3


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
