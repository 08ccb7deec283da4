"""Uploaded pictures: whatever colors they are kept in, people see the colors that were meant."""

import io
import struct

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image, ImageChops, ImageCms

from accounts.support.design_upload import storing_design
from campaigns.models import Campaign
from campaigns.setup.banners import read_banner, save_banner
from catalog import pictures as product_pictures
from moments.errors import RuleViolation
from moments.web.pictures import Fault, Unreadable, is_transparent, on_white, read_picture
from tests import make


def saved(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def read(data: bytes) -> Image.Image:
    return read_picture(data, judge=lambda width, height: None)[0]


def is_near(color, wanted, by: int = 2) -> bool:
    return all(abs(given - meant) <= by for given, meant in zip(color, wanted, strict=True))


def profile(*primaries: tuple[float, float, float], gamma: float, space: bytes = b"RGB ") -> bytes:
    """An ICC profile of a display (red, green and blue in XYZ under D50), or of gray without primaries."""

    def number(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(number(value) for value in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(78) + b"\0"
    tags = {b"desc": text, b"cprt": b"text\0\0\0\0none\0\0\0\0", b"wtpt": xyz(0.9642, 1, 0.8249)}
    tags |= {name + b"XYZ": xyz(*values) for name, values in zip((b"r", b"g", b"b"), primaries, strict=False)}
    tags |= {name + b"TRC": curve for name in ((b"r", b"g", b"b") if primaries else (b"k",))}
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        table += name + struct.pack(">II", at + len(body), len(content))
        body += content
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"lcms", 0x02400000, b"mntr", space, b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + number(0.9642) + number(1) + number(0.8249)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


ADOBE_RGB = profile((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457), gamma=2.2)
LINEAR_GRAY = profile(gamma=1.0, space=b"GRAY")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_colors_of_another_profile_are_converted_before_it_is_dropped(kind):
    picture = read(saved(Image.new("RGB", (64, 64), (170, 90, 70)), kind, icc_profile=ADOBE_RGB, **best(kind)))

    assert is_near(picture.getpixel((32, 32)), (191, 90, 69), by=2 if kind == "PNG" else 4)
    assert "icc_profile" not in picture.info


def best(kind: str) -> dict:
    return {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}


@pytest.mark.parametrize("mode", ["RGBA", "P", "P with a transparent color"])
def test_a_profile_holds_for_palettes_and_transparent_pictures_too(mode):
    picture = Image.new("RGBA", (8, 8), (170, 90, 70, 255))
    picture.putpixel((0, 0), (0, 0, 0, 0))
    options: dict = {"icc_profile": ADOBE_RGB}
    if mode != "RGBA":
        picture = picture.convert("RGB").quantize(4)
    if mode.endswith("color"):
        options["transparency"] = picture.getpixel((0, 0))

    found = read(saved(picture, **options))

    assert is_near(found.getpixel((4, 4))[:3], (191, 90, 69))
    assert is_transparent(found) == (mode != "P")


def test_gray_has_its_own_profile():
    assert is_near(
        read(saved(Image.new("L", (8, 8), 55), icc_profile=LINEAR_GRAY)).getpixel((4, 4)), (128, 128, 128), 3
    )


@pytest.mark.parametrize("icc", [b"", b"junk", ADOBE_RGB[:200], LINEAR_GRAY[:-40], b"\0" * 5000])
def test_a_profile_that_is_none_is_passed_over(icc):
    assert is_near(
        read(saved(Image.new("RGB", (8, 8), (170, 90, 70)), icc_profile=icc)).getpixel((4, 4)), (170, 90, 70)
    )


def test_sixteen_bits_of_gray_stay_gray():
    picture = Image.new("I;16", (256, 1))
    for level in range(256):
        picture.putpixel((level, 0), level * 257)

    found = read(saved(picture))

    assert found.mode == "RGB" and all(is_near(found.getpixel((n, 0)), (n, n, n), 1) for n in range(256))


def test_a_transparent_color_of_sixteen_bits_is_refused_with_the_reason(db, member, now):
    data = with_chunk(saved(Image.new("I;16", (3000, 600), 30_000)), b"tRNS", struct.pack(">H", 30_000))

    with pytest.raises(Unreadable) as refused:
        read(data)
    assert refused.value.fault == Fault.TRANSPARENT_COLOR_OF_16_BITS
    with pytest.raises(RuleViolation, match="16 bits per channel"):
        save_banner(member.organization, data, by=member.user, now=now)
    assert not member.organization.banners.exists()


def with_chunk(data: bytes, name: bytes, content: bytes) -> bytes:
    """A PNG with a chunk before its pixels."""
    import zlib

    at = data.index(b"IDAT") - 4
    chunk = struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    return data[:at] + chunk + data[at:]


@pytest.mark.parametrize("place", ["before", "behind"])
def test_a_png_is_judged_before_it_is_decoded_and_as_it_is_turned(place):
    exif = Image.Exif()
    exif[0x0112] = 6
    block = exif.tobytes().removeprefix(b"Exif\0\0")
    data = saved(Image.new("RGB", (30, 10)))
    if place == "before":
        data = with_chunk(data, b"eXIf", block)
    else:
        end = data.index(b"IEND") - 4
        data = data[:end] + with_chunk(b"\0\0\0\0IDAT", b"eXIf", block)[:-8] + data[end:]
    judged: list[tuple[int, int]] = []

    picture, _kind = read_picture(data, judge=lambda width, height: judged.append((width, height)))

    assert picture.size == (10, 30) and judged[-1] == (10, 30)
    assert judged[0] == ((10, 30) if place == "before" else (30, 10))


def test_a_wrong_size_is_refused_before_a_pixel_is_decoded():
    whole = saved(Image.new("RGB", (3000, 3000)))
    only_header = whole[: whole.index(b"IDAT") + 8]

    with pytest.raises(RuleViolation, match="2400 px too high"):
        read_banner(only_header)


@pytest.mark.parametrize("has_marker", [True, False])
def test_cmyk_is_converted_with_and_without_adobes_marker(has_marker):
    """Adobe keeps CMYK inverted and says so in a marker; others do neither."""
    ink = Image.new("CMYK", (64, 64), (0, 200, 200, 20))
    data = saved(ink if has_marker else ImageChops.invert(ink), "JPEG", quality=100)
    if not has_marker:
        at = data.index(b"\xff\xee")
        data = data[:at] + data[at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0] :]

    found = read(data)

    red, green, blue = found.getpixel((32, 32))
    assert found.mode == "RGB" and red > 200 and green < 80 and blue < 80


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_read(mode):
    found = read(saved(Image.new(mode, (8, 8), 0 if mode not in {"LA", "RGBA"} else (0,) * len(mode))))

    assert found.mode == ("RGBA" if mode in {"LA", "RGBA"} else "RGB")
    assert found.getpixel((4, 4))[:3] == (0, 0, 0)


def test_of_a_phones_jpeg_the_first_picture_is_taken(db, member, now):
    further = Image.new("RGB", (750, 150), "blue")
    data = saved(Image.new("RGB", (3000, 600), "red"), "MPO", save_all=True, append_images=[further])

    banner = save_banner(member.organization, data, by=member.user, now=now)

    with Image.open(banner.image.path) as picture:
        assert (picture.format, picture.size) == ("JPEG", (3000, 600))
        assert is_near(picture.getpixel((5, 5)), (254, 0, 0))


@pytest.mark.slow
def test_a_transparent_banner_is_put_on_white_and_the_page_says_so(client, db):
    owner = make.member()
    campaign = make.campaign("draft", of=owner)
    client.force_login(owner.user)
    picture = Image.new("RGBA", (3000, 600), (0, 0, 0, 0))
    fields = dict.fromkeys(("announcement_message", "redemption_message", "banner_alt", "terms"), "Some words")

    for data, is_said in ((saved(picture), True), (saved(picture.convert("RGB")), False)):
        file = io.BytesIO(data)
        file.name = "banner.png"
        page = reverse("console:campaigns:message", args=[campaign.pk])
        answer = client.post(page, {**fields, "banner": file}, follow=True)
        assert ("had transparent parts; they are white now" in answer.text) == is_said
        with Image.open(Campaign.objects.get(pk=campaign.pk).banner.image.path) as kept:
            assert kept.mode == "RGB" and kept.getpixel((5, 5)) == ((255,) * 3 if is_said else (0,) * 3)


def test_a_transparent_product_picture_is_put_on_white(now):
    picture = Image.new("RGBA", (600, 480), (0, 0, 0, 0))
    name = product_pictures.save_product_picture(picture, "PNG", organization=None, now=now)

    with Image.open(default_storage.open(name)) as kept:
        assert kept.mode == "RGB" and kept.getextrema() == ((255, 255),) * 3


def test_a_design_keeps_its_transparency(member, now):
    data = saved(Image.new("RGBA", (1200, 1200), (10, 20, 30, 0)))
    with storing_design(data, organization=member.organization, now=now) as name:
        pass

    with Image.open(default_storage.open(name)) as kept:
        assert kept.mode == "RGBA" and kept.getpixel((5, 5))[3] == 0


def test_an_opaque_alpha_channel_is_not_called_transparent():
    picture = Image.new("RGBA", (8, 8), (1, 2, 3, 255))

    assert not is_transparent(picture)
    assert on_white(picture).getpixel((4, 4)) == (1, 2, 3)


def test_the_test_profiles_are_profiles():
    for icc in (ADOBE_RGB, LINEAR_GRAY):
        ImageCms.ImageCmsProfile(io.BytesIO(icc))
