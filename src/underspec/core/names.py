"""Safe names out of any text: two different texts never get the same one."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

__all__ = ["NAME", "likeness", "part", "parts", "slug"]

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


def parts(texts: Iterable[str]) -> dict[str, str]:
    """Return each text as one side of a name's hyphen, without a hash where it is told apart so."""
    alike = {text: likeness(text) for text in texts}
    taken = Counter(alike.values())
    # `part` adds a hash to all that is not a plain name already, in a form that no plain name has:
    # two texts never share a name.
    return {
        text: name if taken[name] == 1 and part(name) == name else part(text)
        for text, name in alike.items()
    }


def likeness(text: str) -> str:
    """Return a text as ``[a-z0-9_]*``, of any length; other texts may get the same."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")


def _safe(text: str, form: re.Pattern[str]) -> bool:
    # A text that ends as a tagged one does could be taken for it, so that it is tagged itself.
    return len(text) <= _LONGEST and bool(form.fullmatch(text)) and not _TAG.search(text)


def _tagged(text: str) -> str:
    base = likeness(text)[:40].rstrip("_")
    tag = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return f"{base or 'name'}_x{tag}"
