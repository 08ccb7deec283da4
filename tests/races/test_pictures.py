"""Uploads that meet at the quota; a sweep that meets somebody who is just choosing the picture."""

import datetime as dt
import threading

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction

from accounts.models import StoredPicture
from accounts.organizations import stored_pictures
from campaigns.models import Banner, Campaign
from campaigns.setup import picture_sweep
from campaigns.setup import service as setup
from campaigns.setup.banners import save_banner
from moments import clock
from moments.errors import RuleViolation
from tests import make
from tests.harness.locks import behind, wait_for_waiters
from tests.races.crowd import rush

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CROWD = 8
WEEK = dt.timedelta(days=7)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


# The quota


def upload_together(member, monkeypatch) -> list:
    """Each has found room before the first takes it."""
    all_have_looked = threading.Barrier(CROWD, timeout=60)
    looks = stored_pictures.refuse_beyond_quota
    looked = threading.local()

    def look_and_wait(organization, **about):
        looks(organization, **about)
        if not getattr(looked, "once", False):
            looked.once = True
            all_have_looked.wait()

    monkeypatch.setattr(stored_pictures, "refuse_beyond_quota", look_and_wait)
    data, now = make.banner_bytes(), clock.now()
    return rush(CROWD, lambda _number: save_banner(member.organization, data, by=member.user, now=now))


def test_of_uploads_at_once_no_more_pass_than_the_quota_has_room_for(settings, monkeypatch, media):
    settings.PICTURE_QUOTA = {"pictures": 1, "megabytes": 1000}
    member = make.member()

    results = upload_together(member, monkeypatch)

    assert sum(isinstance(found, Banner) for found in results) == 1
    assert {error.code for error in results if isinstance(error, RuleViolation)} == {"picture_quota_reached"}
    assert StoredPicture.objects.count() == Banner.objects.count() == 1
    assert len([path for path in media.rglob("*") if path.is_file()]) == 5


def test_control_without_the_lock_more_pass(settings, monkeypatch):
    settings.PICTURE_QUOTA = {"pictures": 1, "megabytes": 1000}
    monkeypatch.setattr(stored_pictures, "lock_quota", lambda _organization: None)
    all_have_counted, creates = threading.Barrier(CROWD, timeout=60), StoredPicture.objects.create

    def create_together(**columns):
        all_have_counted.wait()
        return creates(**columns)

    monkeypatch.setattr(StoredPicture.objects, "create", create_together)

    results = upload_together(make.member(), monkeypatch)

    assert sum(isinstance(found, Banner) for found in results) == CROWD


# The sweep


def unused_banner() -> tuple[Campaign, StoredPicture]:
    """A draft, as somebody has it open, whose banner was taken away meanwhile."""
    member, now = make.member(), clock.now()
    campaign = make.campaign("draft", of=member)
    setup.set_banner(campaign, make.banner_bytes(), by=member.user, now=now)
    Campaign.objects.filter(pk=campaign.pk).update(banner=None)
    StoredPicture.objects.filter(path=campaign.banner.image.name).update(unused_since=now - 2 * WEEK)
    return campaign, StoredPicture.objects.get(path=campaign.banner.image.name)


def copy_and_sweep(campaign: Campaign, picture: StoredPicture, *, sweep_waits: bool) -> list:
    """The copy has its banner but has not committed yet; then the sweep comes."""
    swept = threading.Event()
    by = campaign.organization.members.get()

    def copy(held: threading.Event) -> None:
        with transaction.atomic():
            setup.duplicate_campaign(campaign, by=by, now=clock.now())
            held.set()
            with connection.cursor() as cursor:
                if sweep_waits:
                    wait_for_waiters(cursor, 1)
                else:
                    assert swept.wait(60)

    def sweep(_number: int) -> bool:
        try:
            return picture_sweep.remove_unused(picture.pk, before=clock.now() - WEEK)
        finally:
            swept.set()

    return rush(2, behind(copy, sweep))


def test_a_banner_that_is_just_being_copied_is_not_swept():
    campaign, picture = unused_banner()

    assert copy_and_sweep(campaign, picture, sweep_waits=True) == [None, False]

    copied = Campaign.objects.exclude(pk=campaign.pk).get()
    assert copied.banner == campaign.banner and default_storage.exists(picture.path)
    assert StoredPicture.objects.get(pk=picture.pk).unused_since is None


def test_control_without_the_lock_the_copy_loses_its_banner(monkeypatch):
    campaign, picture = unused_banner()
    monkeypatch.setattr(setup, "hold_banner", lambda _pk: None)

    failed, removed = copy_and_sweep(campaign, picture, sweep_waits=False)

    assert isinstance(failed, IntegrityError) and removed is True
    assert not default_storage.exists(picture.path)


def test_a_copy_that_comes_too_late_is_refused_and_leaves_nothing():
    campaign, picture = unused_banner()
    assert picture_sweep.remove_unused(picture.pk, before=clock.now() - WEEK)

    with pytest.raises(RuleViolation) as caught:
        setup.duplicate_campaign(campaign, by=campaign.organization.members.get(), now=clock.now())

    assert caught.value.code == "banner_gone" and Campaign.objects.count() == 1
