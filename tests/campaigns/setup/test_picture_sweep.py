"""How many pictures an organization may store, and what becomes of those that nothing shows."""

import datetime as dt
import io
import os

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.urls import reverse
from PIL import Image

from accounts.models import Organization, StoredPicture, SupportMessage
from accounts.organizations import stored_pictures
from accounts.organizations.service import open_request
from campaigns.approval import transitions
from campaigns.models import Banner, Campaign
from campaigns.setup import picture_sweep
from campaigns.setup import service as setup
from campaigns.setup.banners import save_banner
from campaigns.setup.picture_sweep import USES, sweep_pictures
from catalog.models import Product
from moments import clock
from moments.errors import RuleViolation
from tests import make
from tests.moments.web.test_stale_forms import Fields

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """What waits for the commit is done too."""

    def sweep(now: dt.datetime) -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return sweep_pictures(now=now)

    return sweep


def files(media) -> list[str]:
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


def draft_with_banner(member, now) -> Campaign:
    """With the one picture that there is."""
    made = make.campaign("draft", of=member, banner=None)
    Banner.objects.all().delete()
    setup.set_banner(made, make.banner_bytes(), by=member.user, now=now)
    return made


# The quota


@pytest.mark.slow
def test_pictures_beyond_the_quota_are_refused_with_a_sentence_and_nothing_is_stored(member, now, media, settings):
    settings.PICTURE_QUOTA = {"pictures": 1, "megabytes": 1000}
    save_banner(member.organization, make.banner_bytes(), by=member.user, now=now)
    before = files(media)

    with pytest.raises(RuleViolation, match=r"uses 1 of 1 pictures and 0\.\d of 1000 MB") as caught:
        save_banner(member.organization, make.banner_bytes(), by=member.user, now=now)

    assert (caught.value.code, caught.value.field) == ("picture_quota_reached", "banner")
    assert Banner.objects.count() == StoredPicture.objects.count() == 1
    assert files(media) == before
    other = make.member()
    save_banner(other.organization, make.banner_bytes(), by=other.user, now=now)
    assert Banner.objects.count() == 2, "each organization has its own"


@pytest.mark.slow
def test_the_size_of_all_files_counts(member, now, media, settings):
    banner = save_banner(member.organization, make.banner_bytes(), by=member.user, now=now)

    picture = StoredPicture.objects.get(path=banner.image.name)

    assert picture.size == sum(path.stat().st_size for path in media.rglob("*") if path.is_file())
    assert sorted(picture.files) == files(media) and len(picture.files) == 5
    settings.PICTURE_QUOTA = {"pictures": 500, "megabytes": 0}
    with pytest.raises(RuleViolation, match=r"uses 1 of 500 pictures and 0\.\d of 0 MB"):
        save_banner(member.organization, make.banner_bytes(), by=member.user, now=now)


@pytest.mark.slow
def test_the_editor_says_so_and_keeps_everything_as_it_was(client, member, now, media, settings):
    campaign = draft_with_banner(member, now)
    settings.PICTURE_QUOTA = {"pictures": 1, "megabytes": 1000}
    before, client_files = Campaign.objects.filter(pk=campaign.pk).values().get(), files(media)
    client.force_login(member.user)
    typed = {"announcement_message": "Come!", "redemption_message": "New", "banner_alt": "New", "terms": "New"}
    typed["banner"] = SimpleUploadedFile("banner.png", make.banner_bytes(), "image/png")

    answer = client.post(reverse("console:campaigns:message", args=[campaign.pk]), typed)

    assert (
        answer.status_code == 200
        and "This picture was not stored. Your organization uses 1 of 1 pictures" in answer.text
    )
    assert Campaign.objects.filter(pk=campaign.pk).values().get() == before
    assert files(media) == client_files and Banner.objects.count() == 1


def square() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (1200, 1200), "#5433c9").save(file, "PNG")
    return file.getvalue()


@pytest.mark.slow
def test_designs_count_too(client, member, now, media, settings):
    settings.PICTURE_QUOTA = {"pictures": 0, "megabytes": 1000}
    client.force_login(member.user)
    typed = {"title": "Stars", "garment": "white", "about": "", "owns_rights": "on"}
    typed["design"] = SimpleUploadedFile("design.png", square(), "image/png")

    answer = client.post(reverse("console:catalog:offer_tshirt"), typed)

    assert answer.status_code == 200 and "This picture was not stored" in answer.text
    assert not SupportMessage.objects.exists() and not files(media)


def upload_picture(client, product: Product):
    """On the operators' page; everything else as it is there."""
    page = reverse("admin:catalog_product_change", args=[product.pk])
    typed = Fields(client.get(page).text).sent
    return client.post(page, {**typed, "picture": SimpleUploadedFile("mug.png", square(), "image/png")}, follow=True)


@pytest.mark.slow
@pytest.mark.parametrize("is_own", [True, False])
def test_pictures_of_own_products_count_and_the_shops_own_do_not(client, member, media, settings, is_own):
    settings.PICTURE_QUOTA = {"pictures": 0, "megabytes": 1000}
    product = make.product(own_of=member.organization if is_own else None)
    client.force_login(make.operator())

    answer = upload_picture(client, product)

    product.refresh_from_db()
    assert ("This picture was not stored" in answer.text) == is_own
    assert bool(product.picture) != is_own and bool(files(media)) != is_own


@pytest.mark.slow
def test_what_is_refused_while_a_product_is_saved_is_said_on_its_page(client, member, media, monkeypatch):
    """Another upload took the last room after the form was found good."""
    product = make.product(own_of=member.organization)
    client.force_login(make.operator())

    def take_the_last_room(organization: Organization) -> None:
        StoredPicture.objects.create(path="other", files=[], size=10**12, organization=organization)

    monkeypatch.setattr(stored_pictures, "lock_quota", take_the_last_room)
    answer = upload_picture(client, product)

    product.refresh_from_db()
    assert answer.redirect_chain and "This picture was not stored" in answer.text
    assert not product.picture and not files(media) and not StoredPicture.objects.exists()


@pytest.mark.slow
def test_whatever_fails_after_a_banner_was_stored_leaves_no_file(member, now, media):
    campaign = make.campaign("pending", of=member)
    before = files(media)

    with pytest.raises(RuleViolation, match="only a draft can be edited"):
        setup.set_banner(campaign, make.banner_bytes(), by=member.user, now=now)

    assert files(media) == before and not StoredPicture.objects.exists()
    assert list(media.iterdir()) == [media / "banners"]


# The sweep


@pytest.mark.slow
def test_a_replaced_banner_goes_after_a_week_with_its_renditions(member, now, media, committed):
    campaign = draft_with_banner(member, now)
    old = campaign.banner
    setup.set_banner(campaign, make.banner_bytes(kind="JPEG"), by=member.user, now=now)

    committed(now)
    committed(now + 6 * DAY)
    assert Banner.objects.filter(pk=old.pk).exists() and (media / old.image.name).exists()
    committed(now + 7 * DAY)

    assert not Banner.objects.filter(pk=old.pk).exists()
    assert StoredPicture.objects.get().path == campaign.banner.image.name
    assert not (media / "banners" / str(old.pk)).exists()
    assert len([name for name in files(media) if str(campaign.banner_id) in name]) == 5, "of the new one"


@pytest.mark.slow
def test_the_week_begins_when_it_is_replaced_not_when_it_was_uploaded(member, now, committed):
    campaign = draft_with_banner(member, now)
    old = campaign.banner
    committed(now + 100 * DAY)
    setup.set_banner(campaign, make.banner_bytes(), by=member.user, now=now + 101 * DAY)

    committed(now + 102 * DAY)
    assert Banner.objects.filter(pk=old.pk).exists()
    committed(now + 110 * DAY)
    assert not Banner.objects.filter(pk=old.pk).exists()


def test_an_upload_that_was_abandoned_goes(member, now, media, committed):
    save_banner(member.organization, make.banner_bytes(), by=member.user, now=now)

    committed(now + DAY)
    committed(now + 9 * DAY)

    assert not Banner.objects.exists() and not StoredPicture.objects.exists() and not files(media)


def test_the_banner_of_a_deleted_draft_goes(member, now, media, committed):
    campaign = draft_with_banner(member, now)
    Campaign.objects.filter(pk=campaign.pk).update(banner=None)

    committed(now + DAY)
    committed(now + 9 * DAY)

    assert not Banner.objects.filter(pk=campaign.banner_id).exists()


@pytest.mark.slow
@pytest.mark.parametrize("status", ["draft", "rejected", "pending", "approved", "live", "suspended", "finished"])
def test_the_banner_of_a_campaign_stays_whatever_its_status(member, now, media, committed, status):
    campaign = draft_with_banner(member, now)
    Campaign.objects.filter(pk=campaign.pk).update(status=status)

    committed(now + DAY)
    committed(now + 400 * DAY)

    assert Banner.objects.filter(pk=campaign.banner_id).exists()
    assert len([name for name in files(media) if str(campaign.banner_id) in name]) == 5


@pytest.mark.slow
def test_a_banner_that_was_ever_approved_stays_because_emails_show_it(member, now, media, committed):
    campaign = make.campaign("approved", of=member, days=(1, 30))
    old = campaign.banner
    transitions.reopen_for_editing(campaign, by=member.user, now=now)
    setup.set_banner(campaign, make.banner_bytes(), by=member.user, now=now)

    committed(now + DAY)
    committed(now + 400 * DAY)

    assert Banner.objects.get(pk=old.pk).approved_at and (media / old.image.name).exists()


def test_a_design_and_a_products_picture_stay_while_something_shows_them(member, now, media, committed, settings):
    names = [default_storage.save(f"{name}.png", ContentFile(b"x")) for name in ("designs/a", "products/b/240")]
    request = open_request(member, kind="tshirt", subject="Stars", body="", picture=names[0], now=now)
    product = make.product(picture=names[1], own_of=member.organization)

    committed(now + 100 * DAY)
    assert files(media) == names
    recorded = StoredPicture.objects.order_by("path").values_list("path", "organization", "size")
    assert list(recorded) == [(name, member.organization.pk, 1) for name in names], "they count from now on"

    request.delete()
    Product.objects.filter(pk=product.pk).update(picture="")
    committed(now + 101 * DAY)
    committed(now + 110 * DAY)
    assert files(media) == names[1:], "emails about orders show it still"
    committed(now + (101 + settings.KEEP_DAYS["mails"]) * DAY)
    assert not files(media) and not StoredPicture.objects.exists()


def test_a_file_without_a_row_goes_when_it_is_old(now, media, committed, db):
    names = [
        default_storage.save(f"{name}.png", ContentFile(b"x")) for name in ("banners/old/3000", "banners/new/3000")
    ]
    default_storage.save("elsewhere/old.png", ContentFile(b"x"))
    for name, age in zip([*names, "elsewhere/old.png"], (8, 1, 8), strict=True):
        at = (now - age * DAY).timestamp()
        os.utime(media / name, (at, at))

    assert committed(now) == 1

    assert files(media) == ["banners/new/3000.png", "elsewhere/old.png"]
    assert not (media / "banners" / "old").exists()


def test_what_is_used_again_is_not_removed_a_week_after_it_was_unused_for_a_day(member, now, committed):
    campaign = draft_with_banner(member, now)
    Campaign.objects.filter(pk=campaign.pk).update(banner=None)
    committed(now)
    Campaign.objects.filter(pk=campaign.pk).update(banner=campaign.banner)

    committed(now + 8 * DAY)

    assert StoredPicture.objects.get(path=campaign.banner.image.name).unused_since is None


def test_every_column_that_names_an_uploaded_file_counts_as_a_use():
    columns = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.FileField)
    }

    assert columns == {(model, column) for model, column, _organization in USES}


def test_a_picture_that_is_chosen_after_it_was_found_due_is_looked_at_again(member, now, committed, monkeypatch):
    campaign = draft_with_banner(member, now)
    banner = campaign.banner
    Campaign.objects.filter(pk=campaign.pk).update(banner=None)
    committed(now)

    def choose_meanwhile(**_when):
        Campaign.objects.filter(pk=campaign.pk).update(banner=banner)

    monkeypatch.setattr(picture_sweep, "mark_unused", choose_meanwhile)
    committed(clock.now() + 8 * DAY)

    assert Banner.objects.filter(pk=banner.pk).exists() and default_storage.exists(banner.image.name)
