"""What a published set asks of the holdout: images of its size, classes that it knows, ids that pair."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.data.images.imagenet import wnids
from underspec.data.images.tree import EXTENSIONS
from underspec.stress.images.pictures import pictures

__all__ = ["apart", "channels", "number", "paired", "stem", "thousand", "wordnet"]

_WNID = re.compile(r"n\d{8}")
_NUMBERS = tuple(str(code) for code in range(1000))


def channels(data: Data, side: int, what: str) -> int:
    """Return how many channels the holdout's images have, 1 or 3.

    Args:
        data: the holdout.
        side: pixels of a side of the published images once prepared.
        what: the set, for messages.

    Raises:
        UsageError: they are no images, not uint8, or of another size.
    """
    _, height, width, count = pictures(data, what)
    if data.inputs.dtype != np.uint8:
        raise UsageError(
            f"The images of {what} are read as uint8, but the holdout's are {data.inputs.dtype}: give the "
            "training and held-out images as uint8 too, and let the model normalise."
        )
    if (height, width) != (side, side):
        raise UsageError(
            f"The images of {what} come out as {side} x {side} pixels, but the holdout's are {height} x "
            f"{width}: a model needs one size. Prepare both alike."
        )
    return count


def wordnet(data: Data, what: str) -> tuple[str, ...]:
    """Return the WordNet ids of the holdout's classes, in the order of their codes.

    Raises:
        UsageError: the classes are named neither so nor ``0 ... 999``, which are ImageNet's codes.
    """
    if data.classes and all(_WNID.fullmatch(name) for name in data.classes):
        return data.classes
    if data.classes == _NUMBERS:
        return wnids()
    hint = ""
    if sorted(data.classes) == sorted(_NUMBERS):
        hint = " They are in the order of text here, where 10 comes before 2."
    raise UsageError(
        f"{what} is laid out by WordNet ids (such as n01440764), so that the holdout's classes must be "
        f"named so, or 0 ... 999 in that order; they are {_few(data.classes)}.{hint} Name them with "
        "classes: [...] in the order of the codes."
    )


def thousand(data: Data, what: str) -> NDArray[np.intp]:
    """Return the holdout's class code of each of ImageNet's 1,000 classes, in ImageNet's order.

    Raises:
        UsageError: the holdout has not these classes.
    """
    named = wordnet(data, what)
    place = {wnid: code for code, wnid in enumerate(named)}
    missing = [wnid for wnid in wnids() if wnid not in place]
    if missing or len(named) != len(wnids()):
        raise UsageError(
            f"{what} needs models of the 1,000 classes of ImageNet, but the holdout has {len(named)} "
            f"classes{f', without {_few(missing)}' if missing else ''}. Take ImageNet's validation images "
            "as the holdout."
        )
    return np.array([place[wnid] for wnid in wnids()], dtype=np.intp)


def paired(data: Data, names: Sequence[str], codes: NDArray[np.int32], what: str) -> Data | None:
    """Return the holdout's examples of which a set holds versions; None where there are none.

    They are told by the ids of the one and the file names of the other, without folder and suffix.

    Args:
        data: the holdout.
        names: of the published images, ``folder/file``.
        codes: their classes, in the holdout's codes.
        what: the set, for messages.

    Returns:
        The examples in the order of the holdout. Their inputs are positions among `names`.

    Raises:
        UsageError: two images have one name, or an image has another class than in the holdout.
    """
    at: dict[str, int] = {}
    for position, name in enumerate(names):
        other = at.setdefault(stem(name), position)
        if other != position:
            raise UsageError(
                f"{what} holds two images named '{stem(name)}', '{names[other]}' and '{name}', which "
                "cannot be told apart. Unpack it again into an empty folder."
            )
    stems = [stem(identity) for identity in data.ids.tolist()]
    if len(set(stems)) != len(stems):
        return None
    rows = np.array([row for row, stem in enumerate(stems) if stem in at], dtype=np.intp)
    if not len(rows):
        return None
    found = np.array([at[stems[row]] for row in rows], dtype=np.intp)
    wrong = np.flatnonzero(data.labels[rows] != codes[found])
    if len(wrong):
        row = int(rows[wrong[0]])
        raise UsageError(
            f"{len(wrong)} images of {what} have another class than in the holdout; the first is "
            f"'{names[found[wrong[0]]]}', of class '{_called(data, row)}' there. One of the two is labelled "
            "wrongly, or their ids mean different images."
        )
    return data.take(rows).with_inputs(found)


def apart(
    names: Sequence[str],
    codes: NDArray[np.int32],
    classes: tuple[str, ...],
    clusters: Sequence[str] | None = None,
) -> Data:
    """Return published images as examples of their own, which are no examples of the holdout.

    Args:
        names: their ids.
        codes: their classes.
        classes: names of the classes.
        clusters: what was sampled as one thing; the ids where None.

    Returns:
        The examples. Their inputs are positions among `names`.
    """
    ids = np.asarray(names, dtype=np.str_)
    return Data(
        inputs=np.arange(len(ids), dtype=np.intp),
        labels=codes,
        ids=ids,
        clusters=ids if clusters is None else np.asarray(clusters, dtype=np.str_),
        classes=classes,
    )


def number(count: int, noun: str) -> str:
    """Return a count with its noun, such as ``1 image`` and ``2,000 images``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def stem(name: str) -> str:
    """Return the last part of a name, without the suffix if it is an image's."""
    file = name.rpartition("/")[2]
    base, dot, suffix = file.rpartition(".")
    return base if dot and f".{suffix.lower()}" in EXTENSIONS else file


def _called(data: Data, row: int) -> Any:
    code = int(data.labels[row])
    return data.classes[code] if code < len(data.classes) else code


def _few(names: Sequence[str]) -> str:
    if not names:
        return "not named"
    shown = ", ".join(f"'{name}'" for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
