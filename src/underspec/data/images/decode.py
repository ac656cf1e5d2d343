"""One file to one picture of 8 bits a channel."""

import io
import struct
import zlib
from pathlib import Path

from PIL import Image

__all__ = ["UNREADABLE", "decoded", "size_of"]

# What Pillow raises for files that are damaged, cut short, or no images.
UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "PPM", "TIFF")
_EIGHT_BITS = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr")


def decoded(path: str | Path, channels: int) -> Image.Image:
    """Return the picture in a file, in mode ``RGB`` or, for one channel, ``L``.

    Conversion is Pillow's, as in published evaluation: palettes become their colours, CMYK is
    converted, transparency is dropped and what lies below it shows, an orientation noted in the
    file is not applied. Of several frames the first is read.

    Raises:
        UNREADABLE: the file is damaged, cut short, of another format, or of more than 8 bits a
            channel.
    """
    with _opened(path) as file:
        file.load()
    picture: Image.Image = file
    if picture.mode == "L" and channels == 1:
        return picture
    if picture.mode in ("P", "PA"):
        picture = picture.convert("RGBA")
    colours = picture if picture.mode == "RGB" else picture.convert("RGB")
    return colours if channels == 3 else colours.convert("L")


def size_of(content: bytes) -> tuple[int, int]:
    """Return width and height of the picture in a file, as far as its header and its end tell.

    A JPEG, PNG or WebP that ends where it should is not decoded, so that what is damaged in its
    middle is not seen; any other file is.

    Args:
        content: of the file.

    Raises:
        UNREADABLE: see `decoded`.
    """
    with _opened(io.BytesIO(content)) as file:
        if not _ends(content, str(file.format)):
            file.load()
        return file.size


def _opened(source: str | Path | io.BytesIO) -> Image.Image:
    Image.init()  # all formats, before threads ask for them
    known = [name for name in _FORMATS if name in Image.OPEN]
    file = Image.open(source, formats=known)
    if file.mode in _EIGHT_BITS and not _deep(file):
        return file
    file.close()
    raise ValueError(
        f"it has more than 8 bits a channel, or neither grey levels nor colours (mode {file.mode}), "
        "which is not read; save it with 8 bits"
    )


def _ends(content: bytes, form: str) -> bool:
    """Whether a file ends with the mark of its format; False where that has none."""
    if form == "JPEG":
        return content.endswith(b"\xff\xd9")
    if form == "PNG":
        return content.endswith(b"IEND\xaeB`\x82")
    return form == "WEBP" and len(content) >= 8 + int.from_bytes(content[4:8], "little")


def _deep(picture: Image.Image) -> bool:
    """Whether the file has more bits a channel than Pillow's mode says, which it would cut off."""
    for tile in getattr(picture, "tile", ()):
        args = tile[3] if isinstance(tile[3], tuple) else (tile[3],)
        if any(isinstance(arg, str) and ";16" in arg for arg in args):
            return True
        if tile[0].startswith("ppm") and any(isinstance(a, int) and a > 255 for a in args):
            return True
    return False
