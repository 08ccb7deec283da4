"""Products' pictures: re-encoded, square, in every width; hostile files refused."""

import io
import resource

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from catalog.models import Product
from catalog.pictures import read_product_picture, save_product_picture
from catalog.renditions import widths_of
from moments.errors import RuleViolation
from rewards.claims.service import claim_reward
from tests import make
from tests.catalog.test_substitutes import typed
from tests.redemption.claim.test_pages import open_page


def drawn(width: int = 1000, height: int = 800, kind: str = "PNG", **save) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#5433c9").save(file, kind, **save)
    return file.getvalue()


def animated() -> bytes:
    file = io.BytesIO()
    frames = [Image.new("RGB", (500, 500), color) for color in ("red", "blue")]
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:])
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_is_kept_as_a_square_in_every_width_it_is_large_enough_for(kind, now):
    exif = Image.Exif()
    exif[0x010E] = "secret"

    name = save_product_picture(*read_product_picture(drawn(kind=kind, exif=exif)), organization=None, now=now)

    assert widths_of(name) == [240, 480, 960]
    for width in widths_of(name):
        kept = Image.open(default_storage.open(name.replace("/960.", f"/{width}.")))
        assert (kept.size, kept.format, dict(kept.getexif())) == ((width, width), kind, {})
    assert kept.convert("RGB").getpixel((480, 0)) == (255, 255, 255)  # filled up


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<svg onload=alert(1)>", "not a PNG or JPEG"),
        (b"", "not a PNG or JPEG"),
        (animated(), "animated"),
        (drawn()[:2000], "damaged"),
        (drawn(479, 100), "479 × 100 pixels"),
        (drawn(2401, 100), "2401 × 100 pixels"),
        (drawn() + b"0" * 5 * 1024 * 1024, "5.0 MB"),
    ],
    ids=["svg", "empty", "animated", "truncated", "small", "large", "heavy"],
)
def test_what_is_no_picture_or_of_no_use_is_refused_with_a_sentence(data, said):
    with pytest.raises(RuleViolation, match=said) as caught:
        read_product_picture(data)

    assert caught.value.field == "picture"


def test_a_disk_that_takes_no_more_leaves_nothing_behind(settings, tmp_path, now):
    """The process may write files of 512 bytes only: a real write that fails half way."""
    settings.MEDIA_ROOT = tmp_path
    picture = read_product_picture(drawn())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, hard))
    try:
        with pytest.raises(RuleViolation) as caught:
            save_product_picture(*picture, organization=None, now=now)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert caught.value.code == "not_stored"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.slow
def test_operators_upload_pictures_that_customers_see(client, customer, now):
    product = make.product(2500)
    reward = make.reward(make.campaign(products=[product]))
    operator, page = make.operator(), reverse("admin:catalog_product_change", args=[product.pk])
    client.force_login(operator)
    fields = {**typed(product, make.product()), "pictures-TOTAL_FORMS": 1, "pictures-0-position": 1}
    fields |= {"pictures-0-product": product.pk, "pictures-0-alt": "From behind", "picture_alt": "From before"}

    bad = client.post(page, {**fields, "picture": SimpleUploadedFile("a.png", drawn()[:2000])})
    assert bad.status_code == 200 and Product.objects.get(pk=product.pk).picture == ""
    files = {"picture": SimpleUploadedFile("../../a.png", drawn())}
    files |= {"pictures-0-image": SimpleUploadedFile("b.jpg", drawn(500, 500, "JPEG"))}
    answer = client.post(page, {**fields, **files})

    assert answer.status_code == 302, answer.context["errors"]
    product.refresh_from_db()
    assert (widths_of(product.picture.name), widths_of(product.pictures.get().image.name)) == (
        [240, 480, 960],
        [240, 480],
    )
    client.force_login(customer)
    claim_reward(reward, customer=customer, now=now)
    text = client.get(f"{open_page(client, reward)}items/{product.pk}/").text
    assert 'alt="From before"' in text and 'alt="From behind"' in text and "240w" in text
    assert client.get(product.thumbnail_url)["Content-Type"] == "image/png"
