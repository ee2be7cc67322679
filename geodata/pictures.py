"""Uploaded photos made safe: decoded within limits, turned upright, written anew without anything but the pixels."""

import hashlib
import io
import re
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms, ImageFile, UnidentifiedImageError

from geodata.errors import PictureRefused, PicturesBusy, PictureTooLarge

LARGEST_BYTES = 12 * 1024 * 1024
LARGEST_PIXELS = 50_000_000
LARGEST_EDGE_PX = 40_000

# libwebp holds a picture four times while it decodes; half the pixels keep it within what the others need.
LARGEST_WEBP_PIXELS = 25_000_000

LONGEST_EDGE_PX = 1600
THUMBNAIL_PX = 320
QUALITY = 82

# Cameras write up to a dozen. Each is a pass over the whole picture, and a small file can order thousands.
MOST_SCANS = 32

ANOTHER_TRIES_S = 10.0

_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.S)
_START_OF_IMAGE, _END_OF_IMAGE, _START_OF_SCAN = 0xD8, 0xD9, 0xDA

_STRIP_PIXELS = 2_000_000
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})

# By the tag of EXIF, 1 to 8; 1 and whatever is no such number leave the picture as it is.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112

# What the decoders raise over damaged bytes; all of it means the same to whoever sent them.
_DAMAGE = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError, struct.error)

_one_at_a_time = threading.Lock()

# Of metadata that is damaged; whoever sends a photo should not write into the log of the server.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


@dataclass(frozen=True)
class Picture:
    """A photo as it is kept: JPEG without metadata, and a small one beside it.

    width, height   of `content` in pixels, as it is looked at.
    sha256          of `content`, in hexadecimal.
    """

    content: bytes
    thumbnail: bytes
    width: int
    height: int
    sha256: str


def clean_picture(upload: bytes) -> Picture:
    """A JPEG, PNG or WebP of any name as an sRGB JPEG of at most 1600 px, upright; of an animation, its first frame.

    Transparency becomes white. Nothing of the upload but its pixels is in the result: no EXIF, place, profile,
    comment, thumbnail, nor what stands behind the picture in the file. One is decoded at a time.

    Raises PictureTooLarge (by the header, before anything is decoded), PicturesBusy, and PictureRefused for
    all that is no whole picture of these formats.
    """
    if not upload:
        raise PictureRefused("empty")
    if len(upload) > LARGEST_BYTES:
        raise PictureTooLarge(len(upload), LARGEST_BYTES, unit="bytes")
    with _only_one():
        image = _decoded(upload)
        reduced = _reduced(image)
        reduced.thumbnail((LONGEST_EDGE_PX, LONGEST_EDGE_PX), Image.Resampling.LANCZOS)
        whole = _upright(_in_srgb(reduced, image), image)
        content = _jpeg(whole)
        small = whole.copy()
        small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.LANCZOS)
        return Picture(content, _jpeg(small), whole.width, whole.height, hashlib.sha256(content).hexdigest())


@contextmanager
def _only_one() -> Iterator[None]:
    if not _one_at_a_time.acquire(timeout=ANOTHER_TRIES_S):
        raise PicturesBusy
    # a switch of the whole process, which WeasyPrint turns on for its own sake when it is loaded
    patience, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = patience
        _one_at_a_time.release()


def _decoded(upload: bytes) -> Image.Image:
    """The picture in the mode of the file and with its metadata, a JPEG perhaps smaller already."""
    if upload[4:8] == b"ftyp" and upload[8:12] in _HEIC_BRANDS:
        raise PictureRefused("heic")
    try:
        image = Image.open(io.BytesIO(upload), formats=("JPEG", "PNG", "WEBP"))
        most = LARGEST_WEBP_PIXELS if image.format == "WEBP" else LARGEST_PIXELS
        if image.width * image.height > most:
            raise PictureTooLarge(image.width * image.height, most, unit="pixels")
        if max(image.size) > LARGEST_EDGE_PX:
            raise PictureTooLarge(max(image.size), LARGEST_EDGE_PX, unit="pixels on one side")
        if image.format in {"JPEG", "MPO"} and _scans(upload) > MOST_SCANS:
            raise PictureRefused("damaged")
        # JPEG can be decoded at a half, a quarter or an eighth
        image.draft(None, (2 * LONGEST_EDGE_PX, 2 * LONGEST_EDGE_PX))
        image.load()
    except UnidentifiedImageError as error:
        raise PictureRefused("unknown") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge(None, LARGEST_PIXELS, unit="pixels") from error
    except _DAMAGE as error:
        raise PictureRefused("damaged") from error
    return image


def _scans(jpeg: bytes) -> int:
    """How many passes over the picture a JPEG orders; counted until there are too many."""
    at, scans = 0, 0
    while scans <= MOST_SCANS and (found := _MARKER.search(jpeg, at)):
        marker, at = found[0][1], found.end()
        if marker == _END_OF_IMAGE:
            break
        if marker != _START_OF_IMAGE:
            at += int.from_bytes(jpeg[at : at + 2])
        scans += marker == _START_OF_SCAN
    return scans


def _reduced(image: Image.Image) -> Image.Image:
    """The picture as L, RGB or CMYK on white, at most some 3200 px; strip by strip, so never twice in full size."""
    factor = max(1, max(image.size) // (2 * LONGEST_EDGE_PX))
    mode = {"L": "L", "CMYK": "CMYK"}.get(image.mode, "RGB")
    size = (-(-image.width // factor), -(-image.height // factor))
    reduced = Image.new(mode, size)
    rows = factor * max(1, _STRIP_PIXELS // (factor * image.width))
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        reduced.paste(_opaque(strip, mode).reduce(factor), (0, top // factor))
    return reduced


def _opaque(strip: Image.Image, mode: str) -> Image.Image:
    if strip.mode.startswith("I"):
        return Image.fromarray((np.asarray(strip) >> 8).astype(np.uint8)).convert(mode)
    if "transparency" in strip.info or strip.mode in {"RGBA", "LA", "PA"}:
        shown = strip.convert("RGBA")
        ground = Image.new("RGBA", shown.size, "white")
        return Image.alpha_composite(ground, shown).convert(mode)
    return strip.convert(mode)


def _in_srgb(picture: Image.Image, image: Image.Image) -> Image.Image:
    """In RGB by the colour profile of the file; one that cannot be used is as good as none."""
    profile = image.info.get("icc_profile")
    if profile and picture.mode in {"RGB", "CMYK"}:
        with suppress(ImageCms.PyCMSError, *_DAMAGE):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            seen = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return picture.convert("RGB") if seen is None else seen
    return picture.convert("RGB")


def _upright(picture: Image.Image, image: Image.Image) -> Image.Image:
    tag = None
    # damaged metadata takes nothing from the picture
    with suppress(*_DAMAGE):
        tag = image.getexif().get(_ORIENTATION)
    how = _UPRIGHT.get(tag) if isinstance(tag, int) else None
    return picture if how is None else picture.transpose(how)


def _jpeg(picture: Image.Image) -> bytes:
    # whatever a step before has carried along would be written into the file
    picture.info = {}
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()
