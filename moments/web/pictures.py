"""Uploaded pictures: checked by their header, decoded once within limits and stored without metadata."""

import io
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import Enum, auto

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageChops, ImageCms, ImageOps, UnidentifiedImageError

SUFFIXES = {"PNG": "png", "JPEG": "jpg"}
TURNED = {5, 6, 7, 8}  # EXIF orientations that swap width and height
ORIENTATION = 0x0112
SRGB = ImageCms.createProfile("sRGB")
MOST_OF_PROFILE = 4 * 1024 * 1024  # bytes


class Fault(Enum):
    NOT_A_PICTURE = auto()
    FAR_TOO_LARGE = auto()
    ANIMATED = auto()
    DAMAGED = auto()
    TRANSPARENT_COLOR_OF_16_BITS = auto()


class Unreadable(Exception):  # noqa: N818
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.name)
        self.fault = fault


def read_picture(data: bytes, *, judge: Callable[[int, int], object]) -> tuple[Image.Image, str]:
    """Return the picture in sRGB, upright and without metadata, and its format, PNG or JPEG. Raises ``Unreadable``.

    ``judge(width, height)``, in pixels as displayed, is called before decoding and may raise. The mode is RGBA for a
    PNG with transparency, otherwise RGB.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=["PNG", "JPEG"])
            judge(*_size_upright(picture))
            # Pillow treats a JPEG with several pictures (preview, depth, gain map) as MPO; the first one is used.
            kind = "PNG" if picture.format == "PNG" else "JPEG"
            if kind == "PNG" and getattr(picture, "n_frames", 1) > 1:
                raise Unreadable(Fault.ANIMATED)
            if _has_16_bits(picture) and "transparency" in picture.info:
                raise Unreadable(Fault.TRANSPARENT_COLOR_OF_16_BITS)
            picture.load()
    except UnidentifiedImageError:
        raise Unreadable(Fault.NOT_A_PICTURE) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unreadable(Fault.FAR_TOO_LARGE) from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise Unreadable(Fault.DAMAGED) from None
    ImageOps.exif_transpose(picture, in_place=True)
    judge(*picture.size)  # a PNG can have its orientation after the pixels
    clean = _in_srgb(_in_8_bits(picture), picture.info.get("icc_profile"), has_adobe_marker="adobe" in picture.info)
    return clean, kind


def _size_upright(picture: Image.Image) -> tuple[int, int]:
    """Return width and height as far as the header tells; reading EXIF of a PNG without it would decode the picture."""
    is_known = picture.format != "PNG" or "exif" in picture.info
    is_turned = is_known and picture.getexif().get(ORIENTATION) in TURNED
    return (picture.height, picture.width) if is_turned else picture.size


def _has_16_bits(picture: Image.Image) -> bool:
    """Return whether the picture has 16 bits per channel. Must be called before loading, which reduces colors to 8
    bits.
    """
    return any("16" in str(tile[3]) for tile in getattr(picture, "tile", ()))


def _in_8_bits(picture: Image.Image) -> Image.Image:
    """Convert 16-bit gray correctly; Pillow's conversion turns everything brighter than 1/256 white."""
    if not picture.mode.startswith("I"):
        return picture
    return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")


def _in_srgb(picture: Image.Image, icc: bytes | None, *, has_adobe_marker: bool) -> Image.Image:
    """Convert to RGB or RGBA with the picture's color profile, if it is usable; without one it is sRGB."""
    if picture.mode == "CMYK" and not has_adobe_marker:
        picture = ImageChops.invert(picture)  # Pillow assumes inverted CMYK as written by Adobe
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    alpha = (picture if "A" in picture.getbands() else picture.convert("RGBA")).getchannel("A") if has_alpha else None
    colors = picture if picture.mode in {"CMYK", "L"} and alpha is None else picture.convert("RGB")
    clean = Image.new("RGB", colors.size)
    clean.paste(_by_profile(colors, icc) or colors.convert("RGB"))
    if alpha is not None:
        clean.putalpha(alpha)
    return clean


def _by_profile(colors: Image.Image, icc: bytes | None) -> Image.Image | None:
    if not icc or len(icc) > MOST_OF_PROFILE:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        space = profile.profile.xcolor_space.strip()
        if space == "RGB" and colors.mode == "L":
            colors = colors.convert("RGB")
        elif space == "GRAY" and colors.mode == "RGB":
            colors = colors.convert("L")
        if space != {"L": "GRAY"}.get(colors.mode, colors.mode):
            return None
        if colors.mode == "RGB":
            ImageCms.profileToProfile(colors, profile, SRGB, inPlace=True)
            return colors
        return ImageCms.profileToProfile(colors, profile, SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None  # browsers ignore invalid profiles too


def on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white


def is_transparent(picture: Image.Image) -> bool:
    """Return whether any pixel is transparent, regardless of the mode."""
    return picture.mode == "RGBA" and picture.getchannel("A").getextrema()[0] < 255  # type: ignore[operator]  # one band: (low, high)


def encode(picture: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    options = {"quality": 88, "optimize": True, "progressive": True} if kind == "JPEG" else {"compress_level": 6}
    picture.save(file, kind, **options)
    return file.getvalue()


@contextmanager
def stored(files: Mapping[str, bytes]) -> Iterator[None]:
    """Store all files by name. If storing one or the block fails, delete all of them."""
    try:
        for name, content in files.items():
            default_storage.save(name, ContentFile(content))
        yield
    except BaseException:
        delete_files(files)
        raise


def delete_files(names: Iterable[str]) -> None:
    """Delete the files and folders that are empty afterward."""
    for name in names:
        default_storage.delete(name)
    folders = {name.rpartition("/")[0] for name in names}
    for folder in folders:
        if "/" in folder:  # only the picture's own folder, not the shared one
            with suppress(OSError):
                default_storage.delete(folder)
