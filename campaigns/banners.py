"""Banners: exactly 3000 × 600, re-encoded, with narrower renditions."""

import datetime as dt
import hashlib
import io
import logging
import uuid
import warnings

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.models import Organization, User
from campaigns.models import Banner
from moments.errors import RuleViolation

logger = logging.getLogger(__name__)

MAX_BYTES = 5 * 1024 * 1024
RENDITION_WIDTHS = [1500, 1200, 750]
SUFFIXES = {"PNG": "png", "JPEG": "jpg"}


def refusal(message: str, **values) -> RuleViolation:
    return RuleViolation("invalid_banner", message % values, field="banner")


def read_banner(data: bytes) -> tuple[Image.Image, str]:
    """The decoded picture, upright and without metadata, and its format. Refuses anything but the one right size."""
    if len(data) > MAX_BYTES:
        given = f"{len(data) / 1024 / 1024:.1f}"
        raise refusal(_("This file has %(given)s MB; a banner has at most 5 MB. Save it as JPEG."), given=given)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=["PNG", "JPEG"])
            refuse_wrong_size(picture)
            if getattr(picture, "n_frames", 1) > 1:
                raise refusal(_("This picture is animated; a banner stands still."))
            picture.load()
    except UnidentifiedImageError:
        raise refusal(_("This is not a PNG or JPEG picture. Save your banner as one of these.")) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise refusal(_("This picture is far too large; a banner has 3000 × 600 pixels.")) from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise refusal(_("This picture is damaged. Save it again and upload the new file.")) from None
    kind = picture.format or "PNG"
    upright = ImageOps.exif_transpose(picture)
    has_alpha = kind == "PNG" and ("A" in upright.getbands() or "transparency" in upright.info)
    clean = Image.new("RGBA" if has_alpha else "RGB", upright.size)
    clean.paste(upright.convert(clean.mode))
    return clean, kind


def refuse_wrong_size(picture: Image.Image) -> None:
    """Judged by the header, before a pixel is decoded; after turning the picture as its EXIF orientation says."""
    width, height = picture.size
    if picture.getexif().get(0x0112) in {5, 6, 7, 8}:
        width, height = height, width
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
    """Check, re-encode and store a banner and its renditions. Nothing stays behind when it is refused."""
    picture, kind = read_banner(data)
    banner_id, suffix = uuid.uuid4(), SUFFIXES[kind]
    encoded = _encode(picture, kind)
    names = [f"banners/{banner_id}/{width}.{suffix}" for width in (Banner.WIDTH, *RENDITION_WIDTHS)]
    try:
        _store(names[0], encoded)
        for width, name in zip(RENDITION_WIDTHS, names[1:], strict=True):
            narrow = picture.resize((width, width * Banner.HEIGHT // Banner.WIDTH), Image.Resampling.LANCZOS)
            _store(name, _encode(narrow, kind))
        with transaction.atomic():
            return Banner.objects.create(
                id=banner_id,
                organization=organization,
                image=names[0],
                rendition_widths=RENDITION_WIDTHS,
                sha256=hashlib.sha256(encoded).hexdigest(),
                uploaded_by=by,
                created_at=now,
            )
    except BaseException as error:
        for name in names:  # also what was written half
            default_storage.delete(name)
        if isinstance(error, OSError):
            logger.exception("A banner could not be stored")
            message = _("The picture could not be stored just now. Nothing was changed; try again in a while.")
            raise RuleViolation("not_stored", message, field="banner") from error
        raise


def _encode(picture: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    options = {"quality": 88, "optimize": True, "progressive": True} if kind == "JPEG" else {"compress_level": 6}
    picture.save(file, kind, **options)
    return file.getvalue()


def _store(name: str, data: bytes) -> None:
    default_storage.save(name, ContentFile(data))
