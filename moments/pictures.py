"""Uploaded pictures: judged by their header, decoded once within limits, handed on without metadata."""

import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, auto

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageOps, UnidentifiedImageError

SUFFIXES = {"PNG": "png", "JPEG": "jpg"}
TURNED = {5, 6, 7, 8}  # EXIF orientations that swap width and height
ORIENTATION = 0x0112


class Fault(Enum):
    NOT_A_PICTURE = auto()
    FAR_TOO_LARGE = auto()
    ANIMATED = auto()
    DAMAGED = auto()


class Unreadable(Exception):  # noqa: N818
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.name)
        self.fault = fault


def read_picture(data: bytes, *, judge: Callable[[int, int], object]) -> tuple[Image.Image, str]:
    """The picture, upright and bare of metadata, and its format, PNG or JPEG; else ``Unreadable``.

    ``judge(width, height)``, in pixels as it will stand, is asked before any is decoded; what it raises is raised.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=["PNG", "JPEG"])
            width, height = picture.size
            judge(*((height, width) if picture.getexif().get(ORIENTATION) in TURNED else (width, height)))
            if getattr(picture, "n_frames", 1) > 1:
                raise Unreadable(Fault.ANIMATED)
            picture.load()
    except UnidentifiedImageError:
        raise Unreadable(Fault.NOT_A_PICTURE) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unreadable(Fault.FAR_TOO_LARGE) from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise Unreadable(Fault.DAMAGED) from None
    kind = picture.format or "PNG"
    upright = ImageOps.exif_transpose(picture)
    has_alpha = kind == "PNG" and ("A" in upright.getbands() or "transparency" in upright.info)
    clean = Image.new("RGBA" if has_alpha else "RGB", upright.size)
    clean.paste(upright.convert(clean.mode))
    return clean, kind


def encode(picture: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    options = {"quality": 88, "optimize": True, "progressive": True} if kind == "JPEG" else {"compress_level": 6}
    picture.save(file, kind, **options)
    return file.getvalue()


@contextmanager
def stored(files: Mapping[str, bytes]) -> Iterator[None]:
    """All of them are kept, by name, unless writing one or what is done within fails: then none is, not even half."""
    try:
        for name, content in files.items():
            default_storage.save(name, ContentFile(content))
        yield
    except BaseException:
        for name in files:
            default_storage.delete(name)
        raise
