"""Image sets in the IDX layout of MNIST, as many sets since then are published."""

import gzip
import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.arrays import of

__all__ = ["PREFIXES", "Idx", "read_idx"]

PREFIXES = {"train": "train", "holdout": "t10k"}
_UBYTE = 0x08


@dataclass(frozen=True)
class Idx(Reader):
    """The official files ``{train,t10k}-{images-idx3,labels-idx1}-ubyte``, gzipped or not.

    Images come as uint8 [examples, height, width, 1]; an id is the official file's name and the
    place in it, such as ``train-00017``.

    Attributes:
        folder: where the files lie.
        part: ``train`` or ``holdout``, which is the official test part.
        classes: names of the class codes; the codes as text where None.
        notice: licence and attribution for reports.
    """

    folder: str
    part: Literal["train", "holdout"] = "train"
    classes: tuple[str, ...] | None = None
    notice: str | None = None

    def __post_init__(self) -> None:
        if self.part not in PREFIXES:
            raise UsageError(one_of("part", self.part, PREFIXES))
        if self.classes is not None:
            object.__setattr__(self, "classes", tuple(self.classes))

    def __call__(self) -> Data:
        """Read both files of the part.

        Raises:
            UsageError: the folder or a file is missing, cut short, or no IDX file; or images and
                labels differ in number.
        """
        prefix = PREFIXES[self.part]
        wanted = {kind: f"{prefix}-{kind}-ubyte" for kind in ("images-idx3", "labels-idx1")}
        found = {kind: self._find(name) for kind, name in wanted.items()}
        missing = [name for kind, name in wanted.items() if found[kind] is None]
        if missing:
            raise UsageError(
                f"The folder '{self.folder}' lacks {' and '.join(missing)} (with or without .gz), "
                f"which part '{self.part}' is read from. Put the official files there."
            )
        images, labels = (read_idx(path) for path in found.values() if path is not None)
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
            raise UsageError(
                f"The files of part '{self.part}' in '{self.folder}' do not belong together: images "
                f"{list(images.shape)}, labels {list(labels.shape)}."
            )
        ids = [f"{prefix}-{i:05d}" for i in range(len(labels))]
        return of(images[..., None], labels, ids, classes=self.classes)

    def _find(self, name: str) -> Path | None:
        folder = Path(self.folder)
        if not folder.is_dir():
            raise UsageError(f"There is no folder '{self.folder}' to read IDX files from.")
        for candidate in (name, f"{name}.gz"):
            if (folder / candidate).is_file():
                return folder / candidate
        return None


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the array of one IDX file of unsigned bytes.

    Raises:
        UsageError: the file is cut short, too long, or no such file.
    """
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UsageError(f"'{path}' is damaged or cut short ({error}): fetch it again.") from None
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] != _UBYTE or len(raw) < 4 + 4 * raw[3]:
        raise UsageError(
            f"'{path}' is no IDX file of unsigned bytes: its first bytes say otherwise."
        )
    shape = [int(n) for n in np.frombuffer(raw, ">u4", count=raw[3], offset=4)]
    body = len(raw) - 4 - 4 * len(shape)
    if body != math.prod(shape):
        raise UsageError(
            f"'{path}' announces {math.prod(shape)} bytes of shape {shape} but holds {body}: it is "
            f"cut short or damaged, fetch it again."
        )
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)
