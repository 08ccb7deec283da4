"""Asking for a product of one's own, or a T-shirt: a request with all that operators need to know."""

import io

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from accounts.models import SupportRequest
from catalog.models import Marketplace
from outbox.models import Mail
from tests import make


@pytest.fixture
def owner(client, db):
    member = make.member()
    client.force_login(member.user)
    return member


def picture(width: int = 1200, height: int = 1400, kind: str = "PNG", **extra) -> bytes:
    file = io.BytesIO()
    Image.new("RGB" if kind != "PNG" else "RGBA", (width, height), "teal").save(file, kind, **extra)
    return file.getvalue()


def send_design(client, data: bytes, **changes):
    fields = {"title": "Level 10", "garment": "navy", "about": "", "owns_rights": "on", **changes}
    upload = SimpleUploadedFile("../design.png", data, "image/png")
    return client.post(reverse("console:catalog:offer_tshirt"), {**fields, "design": upload})


def test_an_own_product_becomes_a_request_that_says_everything(client, owner):
    category = make.category("mugs")
    fields = {"title": "Campfire mug", "category": category.pk, "kind": "physical", "store": "US", "price": "19.50"}

    answer = client.post(
        reverse("console:catalog:offer_product"),
        {**fields, "page": "https://example.com/mug", "about": "Enamel. 500 a month."},
    )

    made = SupportRequest.objects.get()
    assert answer["Location"] == reverse("console:support:detail", args=[made.pk])
    assert (made.kind, made.subject, made.organization) == (
        "own_product",
        "Own product: Campfire mug",
        owner.organization,
    )
    body = made.messages.get().body
    for line in (
        "Category: Mugs",
        "Store: United States",
        "Selling price (US dollars): $19.50",
        "Enamel. 500 a month.",
    ):
        assert line in body
    assert "Campfire mug" in Mail.objects.get(subject__startswith="Own product").text


def test_what_is_missing_or_wrong_is_named_and_nothing_is_sent(client, owner):
    answer = client.post(
        reverse("console:catalog:offer_product"), {"title": "Mug", "price": "-3", "page": "no page", "store": "XX"}
    )

    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"category", "kind", "store", "price", "page", "about"}
    assert 'value="Mug"' in answer.text
    assert not SupportRequest.objects.exists()


def test_a_design_is_kept_without_its_metadata_and_shown_in_the_thread(client, owner):
    secret = PngInfo()
    secret.add_text("GPS", "52.5, 13.4")

    send_design(client, picture(pnginfo=secret), about="Print it large.")

    message = SupportRequest.objects.get().messages.get()
    assert message.request.kind == "tshirt" and "Color: Navy" in message.body
    kept = Image.open(default_storage.open(message.picture.name))
    assert (kept.size, kept.info) == ((1200, 1400), {})
    assert message.picture.url in client.get(reverse("console:support:detail", args=[message.request_id])).text
    assert client.get(message.picture.url)["Content-Type"] == "image/png"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"not a picture", "This is not a PNG or JPEG picture."),
        (picture(1199, 1400), "This picture is 1199 × 1400 pixels; each side has 1200 to 6000."),
        (picture(6001, 1200, "JPEG"), "This picture is 6001 × 1200 pixels; each side has 1200 to 6000."),
        (picture()[:2000], "This picture is damaged."),
        (picture(1300, 1300, "GIF"), "This is not a PNG or JPEG picture."),
        (b"x" * (10 * 1024 * 1024 + 1), "a design has at most 10 MB."),
    ],
)
def test_what_cannot_be_printed_is_refused_with_what_is_wrong(client, owner, data, said):
    answer = send_design(client, data)

    assert said in answer.text and "Level 10" in answer.text
    assert not SupportRequest.objects.exists()


def test_without_the_rights_to_it_nothing_is_sent(client, owner):
    answer = send_design(client, picture(), owns_rights="")

    assert "Only designs that you hold the rights to can be printed." in answer.text
    assert not SupportRequest.objects.exists()


def test_an_analyst_asks_for_nothing(client, owner):
    client.force_login(make.member("analyst", organization=owner.organization).user)

    assert client.get(reverse("console:catalog:offer_product")).status_code == 403
    assert send_design(client, picture()).status_code == 403
    assert not SupportRequest.objects.exists()
    assert Marketplace.objects.exists()
