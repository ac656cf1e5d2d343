"""Safe names out of any text: two different texts never get the same one."""

import hashlib
import re
import unicodedata

__all__ = ["NAME", "part", "slug"]

NAME = re.compile(r"[a-z0-9_]+(-gen)?(-[a-z0-9_.]+)?")
"""What the name of a probe looks like; ``-gen`` marks a published distortion made afresh."""

_PART = re.compile(r"[a-z0-9_]+")
_TAG = re.compile(r"_x[0-9a-f]{12}$")
_LONGEST = 60


def slug(text: str) -> str:
    """Return `text` if it can name a probe as it stands, else a likeness of it with a hash.

    ``fog-3`` stays; ``Fog 3``, ``fog 3`` and ``../fog-3`` become three different names, each
    matching ``[a-z0-9_]+(-gen)?(-[a-z0-9_.]+)?`` and holding no more than 60 characters.
    """
    return text if _safe(text, NAME) else _tagged(text)


def part(text: str) -> str:
    """Return `text` as one side of a name's hyphen, ``[a-z0-9_]+``, on the terms of `slug`.

    ``f"{part(column)}-{part(value)}"`` names a probe, and different pairs get different names.
    """
    return text if _safe(text, _PART) else _tagged(text)


def _safe(text: str, form: re.Pattern[str]) -> bool:
    # A text that ends as a tagged one does could be taken for it, so that it is tagged itself.
    return len(text) <= _LONGEST and bool(form.fullmatch(text)) and not _TAG.search(text)


def _tagged(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40].rstrip("_")
    tag = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return f"{base or 'name'}_x{tag}"
