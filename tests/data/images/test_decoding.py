"""Files of every kind become 8-bit colours or grey levels, or are refused."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from underspec.core.errors import UsageError
from underspec.data.images.files import ImageFiles
from underspec.data.images.preparation import Preparation

ROW = np.arange(1)


def read(path, channels=3, crop=2):
    return ImageFiles([str(path)], Preparation(None, crop), channels).read(ROW)[0]


def png(path, kind, depth, channels, sample):
    """Write a 2 x 2 PNG of one colour by hand."""

    def part(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", 2, 2, depth, kind, 0, 0, 0)
    row = b"\0" + sample * channels * 2
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + part(b"IHDR", head)
        + part(b"IDAT", zlib.compress(row * 2))
        + part(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("mode", "colour", "suffix", "expected"),
    [
        ("RGB", (10, 20, 30), "png", (10, 20, 30)),
        ("RGB", (10, 20, 30), "bmp", (10, 20, 30)),
        ("RGB", (10, 20, 30), "ppm", (10, 20, 30)),
        ("RGB", (10, 20, 30), "TIFF", (10, 20, 30)),
        ("L", 77, "png", (77, 77, 77)),
        ("1", 1, "png", (255, 255, 255)),
        ("CMYK", (255, 0, 0, 0), "tif", (0, 255, 255)),
        ("CMYK", (0, 0, 0, 155), "tif", (100, 100, 100)),
    ],
)
def test_modes_become_colours(tmp_path, mode, colour, suffix, expected):
    """Grey levels are repeated, and CMYK is converted without a profile."""
    path = tmp_path / f"a.{suffix}"
    Image.new(mode, (2, 2), colour).save(path)
    made = read(path)
    assert made.dtype == np.uint8
    assert made.reshape(-1, 3).tolist() == [list(expected)] * 4


def test_palettes_become_their_colours_also_with_transparency(tmp_path):
    """A palette with transparent entries raises no warning and gives the colours below."""
    image = Image.new("P", (2, 2), 1)
    image.putpalette([1, 2, 3, 40, 50, 60])
    image.save(tmp_path / "plain.png")
    image.save(tmp_path / "clear.png", transparency=b"\xff\x00")
    image.save(tmp_path / "half.png", transparency=b"\xff\x80")
    for name in ("plain.png", "clear.png", "half.png"):
        assert read(tmp_path / name).reshape(-1, 3).tolist() == [[40, 50, 60]] * 4


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_dropped(tmp_path, mode):
    """What lies below shows, as published evaluation reads it; nothing is mixed with black."""
    colour = (90, 80, 70, 0) if mode == "RGBA" else (90, 0)
    Image.new(mode, (2, 2), colour).save(tmp_path / "a.png")
    expected = [90, 80, 70] if mode == "RGBA" else [90, 90, 90]
    assert read(tmp_path / "a.png")[0, 0].tolist() == expected


def test_an_orientation_noted_in_the_file_is_not_applied(tmp_path):
    """Published evaluation does not, so that official numbers come out."""
    pixels = np.zeros((8, 8), dtype=np.uint8)
    pixels[:4] = 255
    image = Image.fromarray(pixels)
    turned = Image.Exif()
    turned[0x0112] = 6
    image.save(tmp_path / "a.png", exif=turned)
    with Image.open(tmp_path / "a.png") as stored:
        assert stored.getexif()[0x0112] == 6
    assert np.array_equal(read(tmp_path / "a.png", channels=1, crop=8)[..., 0], pixels)


def test_colours_become_grey_levels_where_one_channel_is_asked_for(tmp_path):
    """By the weights 0.299, 0.587 and 0.114: green alone of 200 gives 117.4."""
    Image.new("RGB", (2, 2), (0, 200, 0)).save(tmp_path / "a.png")
    Image.new("L", (2, 2), 77).save(tmp_path / "b.png")
    assert read(tmp_path / "a.png", channels=1).ravel().tolist() == [117] * 4
    assert read(tmp_path / "b.png", channels=1).ravel().tolist() == [77] * 4


@pytest.mark.parametrize(
    ("kind", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)], ids=["L", "RGB", "LA", "RGBA"]
)
def test_png_files_of_16_bits_are_refused(tmp_path, kind, channels):
    """Also those that the decoder would quietly cut to 8; the same file of 8 bits is read."""
    png(tmp_path / "deep.png", kind, 16, channels, b"\x12\x34")
    with pytest.raises(UsageError, match=r"deep\.png': it has more than 8 bits a channel"):
        read(tmp_path / "deep.png")
    png(tmp_path / "plain.png", kind, 8, channels, b"\x12")
    assert set(read(tmp_path / "plain.png").ravel().tolist()) == {0x12}


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_tiff_files_of_more_than_8_bits_are_refused(tmp_path, mode):
    """Whole numbers and floats alike."""
    dtype = {"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]
    Image.fromarray(np.ones((2, 2), dtype)).save(tmp_path / "a.tif")
    with pytest.raises(UsageError, match="more than 8 bits a channel"):
        read(tmp_path / "a.tif")


def test_ppm_files_of_16_bits_are_refused(tmp_path):
    """The largest value in the header tells."""
    (tmp_path / "a.ppm").write_bytes(b"P6 2 2 65535\n" + b"\0\1" * 12)
    with pytest.raises(UsageError, match="more than 8 bits a channel"):
        read(tmp_path / "a.ppm")
    (tmp_path / "b.ppm").write_bytes(b"P6 2 2 255\n" + b"\7" * 12)
    assert set(read(tmp_path / "b.ppm").ravel().tolist()) == {7}


def test_the_format_is_told_by_the_bytes_and_not_by_the_name(tmp_path):
    """ImageNet has a PNG file whose name ends in JPEG; a format that runs programs is refused."""
    Image.new("RGB", (2, 2), (1, 2, 3)).save(tmp_path / "a.JPEG", format="PNG")
    assert read(tmp_path / "a.JPEG")[0, 0].tolist() == [1, 2, 3]
    Image.new("RGB", (2, 2)).save(tmp_path / "b.png", format="EPS")
    with pytest.raises(UsageError, match="no image, or not one of JPEG, PNG"):
        read(tmp_path / "b.png")
