"""Logos of apps: square, re-encoded without metadata, shown on pages for the app's users."""

import datetime as dt
import uuid

from django.utils.translation import gettext as _
from PIL import Image

from accounts.models import App, User
from accounts.organizations.service import change_app
from accounts.organizations.stored_pictures import storing
from moments.errors import RuleViolation
from moments.web.pictures import Unreadable, encode, read_picture

MAX_BYTES = 1024 * 1024
LEAST, MOST = 96, 2048  # pixels a side
SIDE = 192  # pixels of the file that is kept; pages show it at up to half of that


def read_logo(data: bytes) -> Image.Image:
    """The decoded picture. Refuses files that are no PNG or JPEG, too large, or not square."""
    if len(data) > MAX_BYTES:
        given = f"{len(data) / 1024 / 1024:.1f}"
        raise _refusal(_("This file has %(given)s MB; a logo has at most 1 MB.") % {"given": given})
    try:
        return read_picture(data, judge=refuse_wrong_size)[0]
    except Unreadable:
        raise _refusal(_("This is not a readable PNG or JPEG picture. Save the logo as one of these.")) from None


def refuse_wrong_size(width: int, height: int) -> None:
    if width != height or not LEAST <= width <= MOST:
        message = _("This picture is %(width)d × %(height)d pixels; a logo is square, %(least)d to %(most)d pixels.")
        raise _refusal(message % {"width": width, "height": height, "least": LEAST, "most": MOST})


def set_logo(app: App, picture: Image.Image, *, by: User, now: dt.datetime) -> None:
    """Store ``picture`` as the app's logo. The earlier file is removed later, once nothing shows it."""
    small = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    files = {f"logos/{uuid.uuid4()}/{SIDE}.png": encode(small, "PNG")}
    with storing(files, organization=app.organization, field="logo", now=now) as kept:
        change_app(app, logo=kept.path, by=by)


def remove_logo(app: App, *, by: User) -> None:
    change_app(app, logo="", by=by)


def _refusal(message: str) -> RuleViolation:
    return RuleViolation("invalid_picture", message, field="logo")
