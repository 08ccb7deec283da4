"""Pages of uploads: from the file to its result."""

import csv
import io

import pytest
from django.urls import reverse

from accounts.models import Member
from rewards.bulk import service as bulk
from rewards.models import Reward, RewardBatch
from tests import make
from tests.console.rewards.test_pages import without_nonce
from tests.rewards.bulk.test_service import confirmed, players

Status = RewardBatch.Status


@pytest.fixture
def campaign(member):
    return make.campaign(of=member)


def send(client, campaign, content: bytes, name: str = "winners.csv"):
    file = io.BytesIO(content)
    file.name = name
    return client.post(reverse("console:rewards:check_upload", args=[campaign.pk]), {"file": file}, follow=True)


def test_from_the_file_to_the_result(console, campaign, now):
    checked = send(console, campaign, b"user_id,email\nada,ada@example.com\nbob,\n")
    batch = RewardBatch.objects.get()
    assert "Issue 2 rewards, $55.00" in checked.text

    running = console.post(reverse("console:rewards:confirm_upload", args=[batch.pk]), follow=True)
    assert "0 of 2 lines done" in running.text and "every 2s" in running.text
    bulk.issue_rows(batch.pk, now=now)

    polled = console.get(reverse("console:rewards:upload_progress", args=[batch.pk]))
    assert (polled.status_code, polled["HX-Refresh"]) == (286, "true")
    assert "of 2 lines" in console.get(reverse("console:rewards:upload", args=[batch.pk])).text
    result = console.get(reverse("console:rewards:upload_result", args=[batch.pk]))
    rows = list(csv.DictReader(io.StringIO(result.getvalue().decode("utf-8-sig"))))
    assert [(row["line"], row["status"]) for row in rows] == [("2", "issued"), ("3", "issued")]
    assert console.get(rows[0]["reward_url"]).status_code in {200, 302, 303}
    assert result["Cache-Control"] == "no-store"
    assert f"line {rows[0]['line']}" in console.get(reverse("console:rewards:detail", args=[rows[0]["reward_id"]])).text


def test_a_file_with_errors_shows_them_page_by_page_and_as_a_file(console, campaign):
    send(console, campaign, b"user_id,email\n" + b"".join(b"u%d,=cmd\n" % number for number in range(120)))
    batch = RewardBatch.objects.get()
    page = reverse("console:rewards:upload", args=[batch.pk])

    first, last = console.get(page), console.get(f"{page}?after=101")

    assert "120 lines have errors" in first.text and "?after=51" in first.text
    assert [row.line for row in last.context["rows"]] == list(range(102, 122))
    assert len(first.content) < 100_000
    assert console.get(f"{page}?after=99999999999999").status_code == 200
    errors = console.get(reverse("console:rewards:upload_errors", args=[batch.pk])).getvalue().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(errors)))
    assert len(rows) == 121 and rows[1][:3] == ["2", "email", "'=cmd"]


@pytest.mark.parametrize("content", [b"", b"\x00", b"\xff\xfe", b"nope\n1\n", b'user_id\n"', b"user_id\n"])
def test_what_is_no_such_file_is_told_at_the_field_and_kept_nowhere(console, campaign, content):
    answer = send(console, campaign, content)

    assert answer.status_code == 200 and "Fix these problems:" in answer.text
    assert not RewardBatch.objects.exists()


def test_the_same_content_again_is_warned_of(console, campaign, now):
    for _time in range(2):
        checked = send(console, campaign, b"user_id\nada\n")
        last = RewardBatch.objects.order_by("-uploaded_at").first()
        console.post(reverse("console:rewards:confirm_upload", args=[last.pk]))

    assert "issued before" in checked.text


@pytest.mark.slow
def test_an_analyst_watches_and_fetches_no_link(client, campaign, upload, member, now):
    batch = confirmed(upload(campaign, *players(2)), member)
    client.force_login(make.member(Member.Role.ANALYST, organization=member.organization).user)

    assert client.get(reverse("console:rewards:upload", args=[batch.pk])).status_code == 200
    for name in ("confirm_upload", "cancel_upload", "discard_upload"):
        assert client.post(reverse(f"console:rewards:{name}", args=[batch.pk])).status_code == 403
    for name in ("upload_result", "upload_errors", "cancel_upload"):
        assert client.get(reverse(f"console:rewards:{name}", args=[batch.pk])).status_code == 403
    assert "Stop" not in client.get(reverse("console:rewards:upload", args=[batch.pk])).text


def test_a_strangers_upload_is_not_found(console, upload, now):
    owner = make.member()
    theirs = make.campaign(of=owner)
    batch = bulk.check_upload(theirs, content=b"user_id\na\n", file_name="x.csv", by=owner, now=now)

    for name in ("upload", "upload_progress", "upload_result", "upload_errors", "cancel_upload"):
        assert console.get(reverse(f"console:rewards:{name}", args=[batch.pk])).status_code == 404
    for name in ("confirm_upload", "cancel_upload", "discard_upload"):
        assert console.post(reverse(f"console:rewards:{name}", args=[batch.pk])).status_code == 404
    batch.refresh_from_db()
    assert batch.status == Status.CHECKED


def test_nothing_of_an_upload_moves_when_its_reward_is_redeemed(console, campaign, upload, member, now):
    batch = confirmed(upload(campaign, *players(2)), member)
    bulk.issue_rows(batch.pk, now=now)
    page, result = (
        reverse("console:rewards:upload", args=[batch.pk]),
        reverse("console:rewards:upload_result", args=[batch.pk]),
    )

    def seen():
        return without_nonce(console.get(page).content), console.get(result).getvalue()

    before = seen()

    make.order(Reward.objects.select_related("campaign", "group__marketplace").first(), by=make.customer())

    assert seen() == before
