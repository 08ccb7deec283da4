"""Designs that organizations send in for their T-shirts."""

import datetime as dt
import io
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organization
from accounts.organizations.stored_pictures import storing
from moments.errors import RuleViolation
from moments.web.pictures import Fault, Unreadable, read_picture

MAX_BYTES = 10 * 1024 * 1024
LEAST, MOST = 1200, 6000  # pixels a side

FAULTS = {
    Fault.NOT_A_PICTURE: gettext_lazy("This is not a PNG or JPEG picture. Save your design as one of these."),
    Fault.FAR_TOO_LARGE: gettext_lazy("This picture is far too large; a design has at most 6000 pixels a side."),
    Fault.ANIMATED: gettext_lazy("This picture is animated; a design stands still."),
    Fault.DAMAGED: gettext_lazy("This picture is damaged. Save it again and upload the new file."),
    Fault.TRANSPARENT_COLOR_OF_16_BITS: gettext_lazy(
        "This picture has 16 bits per channel and a transparent color. Save it with 8 bits per channel."
    ),
}


@contextmanager
def storing_design(data: bytes, *, organization: Organization, now: dt.datetime) -> Iterator[str]:
    """The name under which the picture is kept, re-encoded as PNG, if all goes well. Refuses what cannot be printed."""
    if len(data) > MAX_BYTES:
        given = f"{len(data) / 1024 / 1024:.1f}"
        raise _refusal(_("This file has %(given)s MB; a design has at most 10 MB.") % {"given": given})
    try:
        picture, _kind = read_picture(data, judge=refuse_wrong_size)
    except Unreadable as error:
        raise _refusal(str(FAULTS[error.fault])) from None
    file = io.BytesIO()
    picture.save(file, "PNG")
    files = {f"designs/{uuid.uuid4()}.png": file.getvalue()}
    with storing(files, organization=organization, field="design", now=now) as kept:
        yield kept.path


def refuse_wrong_size(width: int, height: int) -> None:
    if min(width, height) < LEAST or max(width, height) > MOST:
        message = _("This picture is %(width)d × %(height)d pixels; each side has %(least)d to %(most)d.")
        raise _refusal(message % {"width": width, "height": height, "least": LEAST, "most": MOST})


def _refusal(message: str) -> RuleViolation:
    return RuleViolation("invalid_design", message, field="design")
