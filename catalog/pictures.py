"""Pictures of products: square, re-encoded, with narrower renditions."""

import datetime as dt
import uuid

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from accounts.models import Organization
from accounts.organizations.stored_pictures import storing
from catalog.renditions import WIDTHS
from moments.errors import RuleViolation
from moments.web.pictures import SUFFIXES, Fault, Unreadable, encode, on_white, read_picture

MAX_BYTES = 5 * 1024 * 1024
LEAST, MOST = 480, 2400  # pixels a side

FAULTS = {
    Fault.NOT_A_PICTURE: gettext_lazy("This is not a PNG or JPEG picture. Save it as one of these."),
    Fault.FAR_TOO_LARGE: gettext_lazy("This picture is far too large; it has at most 2400 pixels a side."),
    Fault.ANIMATED: gettext_lazy("This picture is animated; a product's picture stands still."),
    Fault.DAMAGED: gettext_lazy("This picture is damaged. Save it again and upload the new file."),
    Fault.TRANSPARENT_COLOR_OF_16_BITS: gettext_lazy(
        "This picture has 16 bits per channel and a transparent color. Save it with 8 bits per channel."
    ),
}


def read_product_picture(data: bytes) -> tuple[Image.Image, str]:
    """The decoded picture, upright and without metadata, and its format. Refuses what is no picture, or of no use."""
    if len(data) > MAX_BYTES:
        given = f"{len(data) / 1024 / 1024:.1f}"
        raise _refusal(_("This file has %(given)s MB; a picture has at most 5 MB.") % {"given": given})
    try:
        return read_picture(data, judge=refuse_wrong_size)
    except Unreadable as error:
        raise _refusal(str(FAULTS[error.fault])) from None


def refuse_wrong_size(width: int, height: int) -> None:
    if max(width, height) < LEAST or max(width, height) > MOST:
        message = _("This picture is %(width)d × %(height)d pixels; its longer side has %(least)d to %(most)d.")
        raise _refusal(message % {"width": width, "height": height, "least": LEAST, "most": MOST})


def save_product_picture(
    picture: Image.Image, kind: str, *, organization: Organization | None, now: dt.datetime
) -> str:
    """The name of the largest file: a square on white, in every width that it is large enough for.

    It counts as ``organization``'s, whose own product it shows. Nothing stays behind when it cannot be stored.
    """
    square, folder = squared(on_white(picture)), uuid.uuid4()
    files = {f"products/{folder}/{width}.{SUFFIXES[kind]}": _at(square, width, kind) for width in _widths(square)}
    with storing(files, organization=organization, field="picture", now=now) as kept:
        return kept.path


def squared(picture: Image.Image) -> Image.Image:
    side = max(picture.size)
    if picture.size == (side, side):
        return picture
    square = Image.new(picture.mode, (side, side), "white")
    square.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return square


def _widths(square: Image.Image) -> list[int]:
    """The largest first."""
    return [width for width in reversed(WIDTHS) if width <= square.width]


def _at(square: Image.Image, width: int, kind: str) -> bytes:
    return encode(square.resize((width, width), Image.Resampling.LANCZOS), kind)


def _refusal(message: str) -> RuleViolation:
    return RuleViolation("invalid_picture", message, field="picture")
