import io
import math
import random
import struct
import threading
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageFile, PngImagePlugin

from geodata import pictures
from geodata.errors import PictureRefused, PicturesBusy, PictureTooLarge
from geodata.pictures import clean_picture

RED, GREEN, BLUE, WHITE = (220, 20, 20), (20, 160, 20), (20, 20, 220), (255, 255, 255)


def quarters(width=160, height=80, mode="RGB"):
    """A picture that is red left above, green right above, blue left below, white right below."""
    picture = Image.new("RGB", (width, height), WHITE)
    picture.paste(RED, (0, 0, width // 2, height // 2))
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    return picture.convert(mode)


def saved(picture, form, **how):
    written = io.BytesIO()
    picture.save(written, form, **how)
    return written.getvalue()


def seen(content):
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def corners(content):
    """Colours a little inside the four corners, row by row, by name."""
    picture = seen(content).convert("RGB")
    names = {RED: "red", GREEN: "green", BLUE: "blue", WHITE: "white"}
    w, h = picture.size
    spots = [(w // 5, h // 5), (4 * w // 5, h // 5), (w // 5, 4 * h // 5), (4 * w // 5, 4 * h // 5)]
    return [names[min(names, key=lambda one: math.dist(one, picture.getpixel(spot)))] for spot in spots]


def segments(jpeg):
    """Markers of a JPEG up to its first scan, each with what it holds, and what stands behind its end."""
    at, found = 2, []
    while True:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4])
        found.append((marker, jpeg[at + 4 : at + 2 + length]))
        at += 2 + length
        if marker == 0xDA:
            return found, jpeg[jpeg.index(b"\xff\xd9", at) + 2 :]


def told_everything():
    """EXIF with a place, the number of a camera, a comment and an orientation that changes nothing."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x9286] = 1, "CANARY-MAKER", "CANARY-COMMENT"
    exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 6.0, 12.5), 3: "E", 4: (121.0, 24.0, 5.5)})
    exif.get_ifd(0x8769).update({0xA431: "CANARY-SERIAL"})
    return exif


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:li>CANARY-XMP</rdf:li></x:xmpmeta>'


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_as_jpeg_with_a_small_one(form):
    made = clean_picture(saved(quarters(2000, 1000), form))
    assert (made.width, made.height) == (1600, 800)
    assert (seen(made.content).format, seen(made.content).size) == ("JPEG", (1600, 800))
    assert (seen(made.thumbnail).format, seen(made.thumbnail).size) == ("JPEG", (320, 160))
    assert corners(made.content) == corners(made.thumbnail) == ["red", "green", "blue", "white"]
    assert len(made.sha256) == 64
    assert made == clean_picture(saved(quarters(2000, 1000), form))


def test_a_small_photo_is_not_made_larger():
    made = clean_picture(saved(quarters(40, 20), "PNG"))
    assert (made.width, made.height) == (40, 20)
    assert seen(made.thumbnail).size == (40, 20)


@pytest.mark.parametrize(
    ("form", "how"),
    [
        ("JPEG", {"comment": b"CANARY-COMMENT", "xmp": XMP, "icc_profile": "srgb"}),
        ("PNG", {"xmp": XMP, "pnginfo": "text", "icc_profile": "srgb"}),
        ("WEBP", {"xmp": XMP, "icc_profile": "srgb"}),
    ],
)
def test_nothing_but_the_picture_is_left(form, how):
    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", "CANARY-TEXT")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    given_ = {"text": note, "srgb": profile}
    how = {key: given_.get(value, value) if isinstance(value, str) else value for key, value in how.items()}
    upload = saved(quarters(), form, exif=told_everything(), **how) + b"CANARY-BEHIND"
    assert upload.count(b"CANARY") >= 3
    assert dict(seen(upload).getexif().get_ifd(0x8825))[4] == (121.0, 24.0, 5.5)

    made = clean_picture(upload)
    for content in (made.content, made.thumbnail):
        assert b"CANARY" not in content
        assert len(seen(content).getexif()) == 0
        found, behind = segments(content)
        # tables, the frame, the scan, and the 14 bytes that say it is a JPEG of 1:1 without a thumbnail
        assert {marker for marker, _ in found} <= {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}
        assert [held for marker, held in found if marker == 0xE0] == [b"JFIF\0\1\1\0\0\1\0\1\0\0"]
        assert behind == b""


@pytest.mark.parametrize(
    ("orientation", "upright"),
    [
        (1, ["red", "green", "blue", "white"]),
        (2, ["green", "red", "white", "blue"]),
        (3, ["white", "blue", "green", "red"]),
        (4, ["blue", "white", "red", "green"]),
        (5, ["red", "blue", "green", "white"]),
        (6, ["blue", "red", "white", "green"]),
        (7, ["white", "green", "blue", "red"]),
        (8, ["green", "white", "red", "blue"]),
        (9, ["red", "green", "blue", "white"]),
    ],
)
def test_the_camera_held_otherwise(orientation, upright):
    exif = Image.Exif()
    exif[0x0112] = orientation
    made = clean_picture(saved(quarters(), "JPEG", exif=exif))
    assert corners(made.content) == upright
    assert (made.width, made.height) == ((80, 160) if 5 <= orientation <= 8 else (160, 80))


def test_damaged_metadata_takes_nothing_from_the_picture():
    upload = saved(quarters(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xffCANARY")
    assert corners(clean_picture(upload).content) == ["red", "green", "blue", "white"]
    upload = saved(quarters(), "JPEG", icc_profile=b"CANARY" * 30)
    assert corners(clean_picture(upload).content) == ["red", "green", "blue", "white"]


def test_colours_of_a_wider_profile_become_srgb():
    # a profile whose red and green are exchanged: the picture of it must come out so
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    count = struct.unpack(">I", srgb[128:132])[0]
    tags = {srgb[132 + 12 * n : 136 + 12 * n]: 132 + 12 * n for n in range(count)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    turned = bytearray(srgb)
    turned[red + 4 : red + 12], turned[green + 4 : green + 12] = srgb[green + 4 : green + 12], srgb[red + 4 : red + 12]
    made = clean_picture(saved(quarters(), "PNG", icc_profile=bytes(turned)))
    assert corners(made.content)[:2] == ["green", "red"]


def test_a_printers_picture_in_four_colours():
    made = clean_picture(saved(quarters(mode="CMYK"), "JPEG"))
    assert seen(made.content).mode == "RGB"
    assert corners(made.content) == ["red", "green", "blue", "white"]


def test_sixteen_bits_a_pixel_keep_their_shades():
    ramp = np.repeat(np.linspace(0, 65535, 256).astype(np.uint16)[None, :], 32, axis=0)
    made = clean_picture(saved(Image.fromarray(ramp), "PNG"))
    shades = np.asarray(seen(made.content).convert("L"))[16]
    assert np.abs(shades.astype(int) - np.arange(256)).max() <= 4


@pytest.mark.parametrize("mode", ["P", "RGBA", "LA", "L", "1"])
def test_what_is_transparent_becomes_white(mode):
    picture = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (0, 0, 32, 64))
    how = {}
    if mode in {"P", "L", "1"}:
        picture = Image.new("L", (64, 64), 255)
        picture.paste(0, (0, 0, 32, 64))
        how = {"transparency": 255} if mode != "1" else {}
    picture = picture.convert(mode) if mode != "P" else picture.quantize(2)
    if mode == "P":
        clear = picture.getpixel((60, 10))
        picture.putpalette([0, 0, 0] * 256)
        how = {"transparency": clear}
    shown = seen(clean_picture(saved(picture, "PNG", **how)).content).convert("L")
    assert shown.getpixel((10, 10)) < 10
    assert shown.getpixel((54, 10)) > 245


def test_of_an_animation_the_first_frame():
    frames = [Image.new("RGB", (50, 50), colour) for colour in (RED, GREEN, BLUE)]
    for form in ("WEBP", "PNG"):
        upload = saved(frames[0], form, save_all=True, append_images=frames[1:], duration=100)
        assert seen(upload).n_frames == 3
        assert set(corners(clean_picture(upload).content)) == {"red"}


def test_of_a_jpeg_with_several_pictures_the_first():
    frames = [Image.new("RGB", (50, 50), colour) for colour in (RED, GREEN)]
    upload = saved(frames[0], "MPO", save_all=True, append_images=frames[1:])
    made = clean_picture(upload)
    assert set(corners(made.content)) == {"red"}
    assert len(made.content) < len(upload)


def test_a_film_behind_a_photo_is_cut_off():
    film = random.Random(4).randbytes(4_000_000)  # noqa: S311 - bytes of no meaning
    assert film.count(b"\xff\xda") > pictures.MOST_SCANS
    made = clean_picture(saved(quarters(), "JPEG") + film)
    assert len(made.content) < 20_000


def chunk(kind, held):
    return struct.pack(">I", len(held)) + kind + held + struct.pack(">I", zlib.crc32(kind + held))


def png(width, height):
    """A PNG that says it is so large, with no pixels to speak of."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + rows + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "upload",
    [
        pytest.param(png(30_000, 30_000), id="900 million pixels"),
        pytest.param(png(10_000, 10_000), id="100 million pixels"),
        pytest.param(png(2_000_000_000, 2_000_000_000), id="more than anything"),
        pytest.param(png(7_100, 7_100), id="just too many"),
        pytest.param(png(40_001, 1), id="a long line"),
        pytest.param(b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\x3f\x3f\0" * 2 + b"\0" * 8, id="a large WebP"),
    ],
)
def test_too_many_pixels_are_refused_before_they_are_decoded(upload, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda _self: pytest.fail("decoded"))
    began = time.process_time()
    with pytest.raises(PictureRefused) as refused:
        clean_picture(upload)
    assert refused.value.reason == "too_large"
    assert time.process_time() - began < 0.2
    assert "send a smaller one" in str(refused.value)


def test_too_many_bytes_are_refused():
    with pytest.raises(PictureTooLarge) as refused:
        clean_picture(saved(quarters(), "JPEG") + b"\0" * pictures.LARGEST_BYTES)
    assert (refused.value.unit, refused.value.most) == ("bytes", pictures.LARGEST_BYTES)


@pytest.mark.parametrize(
    ("upload", "reason"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100, "heic", id="HEIC"),
        pytest.param(b"GIF89a/*\1\0\1\0*/=1;alert(1)//" + b"\0" * 50, "unknown", id="GIF that is a script"),
        pytest.param(saved(quarters(mode="P"), "GIF"), "unknown", id="GIF"),
        pytest.param(saved(quarters(), "TIFF"), "unknown", id="TIFF"),
        pytest.param(saved(quarters(), "BMP"), "unknown", id="BMP"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "unknown", id="SVG"),
        pytest.param(b"<!doctype html><script>alert(1)</script>", "unknown", id="HTML"),
        pytest.param(b"%PDF-1.4\n", "unknown", id="PDF"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n", "unknown", id="PostScript"),
        pytest.param(b"\xff\xd8\xff", "unknown", id="three bytes of a JPEG"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "unknown", id="eight bytes of a PNG"),
        pytest.param(png(100, 100), "damaged", id="a PNG with too few rows"),
        pytest.param(saved(quarters(), "JPEG")[:-400], "damaged", id="JPEG cut off"),
        pytest.param(saved(quarters(), "PNG")[:-60], "damaged", id="PNG cut off"),
        pytest.param(saved(quarters(), "WEBP")[:-100], "damaged", id="WebP cut off"),
    ],
)
def test_what_is_no_photo_is_refused(upload, reason):
    with pytest.raises(PictureRefused) as refused:
        clean_picture(upload)
    assert refused.value.reason == reason


def test_a_page_hidden_in_a_photo_does_not_come_through():
    hidden = b"<script>alert(1)</script>"
    upload = saved(quarters(), "JPEG", comment=hidden) + hidden
    made = clean_picture(upload)
    assert hidden not in made.content + made.thumbnail


def test_thousands_of_passes_are_refused():
    photo = saved(quarters(), "JPEG", progressive=True)
    last = photo.rindex(b"\xff\xda")
    bomb = photo[:last] + photo[last:-2] * 5000 + photo[-2:]
    assert clean_picture(photo)
    began = time.process_time()
    with pytest.raises(PictureRefused, match="damaged"):
        clean_picture(bomb)
    assert time.process_time() - began < 0.5


def peak_mb():
    """Most memory this process has had since `forget_peak`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1024


def forget_peak():
    Path("/proc/self/clear_refs").write_text("5")
    return peak_mb()


@pytest.mark.parametrize(
    ("form", "mode", "size", "how"),
    [
        ("PNG", "RGBA", (7_000, 7_000), {}),
        ("PNG", "P", (40_000, 1_250), {"transparency": 0}),
        ("PNG", "I;16", (1_250, 40_000), {}),
        ("JPEG", "RGB", (7_000, 7_000), {"progressive": True, "subsampling": 0}),
        ("WEBP", "RGBA", (5_000, 5_000), {"lossless": True, "method": 0}),
    ],
)
def test_the_largest_that_are_taken_stay_within_512_mb(form, mode, size, how):
    upload = saved(Image.new(mode, size), form, **how)
    before = forget_peak()
    made = clean_picture(upload)
    assert max(made.width, made.height) == 1600
    assert peak_mb() - before < 512


def test_photos_are_decoded_one_at_a_time(monkeypatch):
    monkeypatch.setattr(pictures, "ANOTHER_TRIES_S", 0.01)
    with pictures._only_one(), pytest.raises(PicturesBusy):
        clean_picture(saved(quarters(), "JPEG"))
    assert clean_picture(saved(quarters(), "JPEG"))


def test_many_at_once_all_come_out_alike(monkeypatch):
    upload, made = saved(quarters(2000, 1000), "JPEG"), []
    workers = [threading.Thread(target=lambda: made.append(clean_picture(upload))) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(made) == 8
    assert len({one.sha256 for one in made}) == 1


@settings(max_examples=300)
@given(
    form=st.sampled_from(["JPEG", "PNG", "WEBP"]),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.floats(0, 1),
)
def test_any_damage_is_refused_or_comes_out_clean(form, changes, cut):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    upload = bytearray(saved(quarters(40, 20), form, exif=told_everything(), icc_profile=profile))
    for where, value in changes:
        upload[int(where * len(upload))] = value
    if cut < 0.3:
        del upload[int((1 - cut) * len(upload)) :]
    try:
        made = clean_picture(bytes(upload))
    except PictureRefused:
        return
    assert seen(made.content).format == "JPEG"
    assert b"CANARY" not in made.content


def test_what_a_printer_of_pages_switches_on_makes_no_half_photo_whole(monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    whole = io.BytesIO()
    Image.effect_noise((400, 300), 80).save(whole, "JPEG")
    with pytest.raises(PictureRefused):
        clean_picture(whole.getvalue()[:-4000])
    assert ImageFile.LOAD_TRUNCATED_IMAGES
