"""Banners: exactly 3000 × 600, re-encoded, with narrower renditions."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from accounts.models import Organization, User
from accounts.organizations.stored_pictures import storing
from campaigns.models import Banner
from moments.errors import RuleViolation
from moments.web.pictures import SUFFIXES, Fault, Unreadable, encode, is_transparent, on_white, read_picture

MAX_BYTES = 5 * 1024 * 1024
RENDITION_WIDTHS = [2000, 1500, 1200, 750]  # a phone shows a cut-out, at two or three of its pixels to one of ours


def refusal(message: str | Promise, **values: Any) -> RuleViolation:
    return RuleViolation("invalid_banner", str(message) % values, field="banner")


def read_banner(data: bytes) -> tuple[Image.Image, str]:
    """The decoded picture, upright and without metadata, and its format. Refuses anything but the one right size."""
    if len(data) > MAX_BYTES:
        given = f"{len(data) / 1024 / 1024:.1f}"
        raise refusal(_("This file has %(given)s MB; a banner has at most 5 MB. Save it as JPEG."), given=given)
    try:
        return read_picture(data, judge=refuse_wrong_size)
    except Unreadable as error:
        raise refusal(FAULTS[error.fault]) from None


FAULTS = {
    Fault.NOT_A_PICTURE: gettext_lazy("This is not a PNG or JPEG picture. Save your banner as one of these."),
    Fault.FAR_TOO_LARGE: gettext_lazy("This picture is far too large; a banner has 3000 × 600 pixels."),
    Fault.ANIMATED: gettext_lazy("This picture is animated; a banner stands still."),
    Fault.DAMAGED: gettext_lazy("This picture is damaged. Save it again and upload the new file."),
    Fault.TRANSPARENT_COLOR_OF_16_BITS: gettext_lazy(
        "This picture has 16 bits per channel and a transparent color. Save it with 8 bits per channel."
    ),
}


def refuse_wrong_size(width: int, height: int) -> None:
    if (width, height) == (Banner.WIDTH, Banner.HEIGHT):
        return
    off = _(" and ").join(
        part
        for part in (
            _off(width - Banner.WIDTH, _("%d px too wide"), _("%d px too narrow")),
            _off(height - Banner.HEIGHT, _("%d px too high"), _("%d px too low")),
        )
        if part
    )
    raise refusal(
        _("This picture is %(width)d × %(height)d pixels; a banner is exactly 3000 × 600. It is %(off)s."),
        width=width,
        height=height,
        off=off,
    )


def _off(difference: int, above: str, below: str) -> str:
    return (above if difference > 0 else below) % abs(difference) if difference else ""


def save_banner(organization: Organization, data: bytes, *, by: User | None, now: dt.datetime) -> Banner:
    """Check, re-encode and store a banner and its renditions; transparent parts become white."""
    with storing_banner(organization, data, by=by, now=now) as banner:
        return banner


@contextmanager
def storing_banner(organization: Organization, data: bytes, *, by: User | None, now: dt.datetime) -> Iterator[Banner]:
    """The banner in a transaction: of what is refused or fails within, nothing stays behind."""
    given, kind = read_banner(data)
    picture = on_white(given)
    banner_id, suffix = uuid.uuid4(), SUFFIXES[kind]
    encoded = encode(picture, kind)
    files = {f"banners/{banner_id}/{Banner.WIDTH}.{suffix}": encoded}
    for width in RENDITION_WIDTHS:
        narrow = picture.resize((width, width * Banner.HEIGHT // Banner.WIDTH), Image.Resampling.LANCZOS)
        files[f"banners/{banner_id}/{width}.{suffix}"] = encode(narrow, kind)
    with storing(files, organization=organization, field="banner", now=now) as kept:
        banner = Banner.objects.create(
            id=banner_id,
            organization=organization,
            image=kept.path,
            rendition_widths=RENDITION_WIDTHS,
            sha256=hashlib.sha256(encoded).hexdigest(),
            uploaded_by=by,
            created_at=now,
        )
        banner.was_transparent = is_transparent(given)
        yield banner
