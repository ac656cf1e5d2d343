"""Data that comes inside the package, with its licence and where it is from."""

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.arrays import of
from underspec.data.digits import Digits

__all__ = ["NAMES", "PARTS", "Bundled", "provenance"]

NAMES = ("digits", "fashion_mnist")
PARTS = ("train", "holdout")
_FOLDER = Path(__file__).parent


def provenance(name: str) -> dict[str, Any]:
    """Return where a bundled file is from: source, licence, selection and checksums."""
    read: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return read


@dataclass(frozen=True)
class Bundled(Reader):
    """Images that need no download.

    ``fashion_mnist`` is a subset of Fashion-MNIST (Xiao, Rasul, Vollgraf 2017), uint8
    [examples, 28, 28, 1], ten classes exactly balanced: 12,000 of the official training file and
    5,000 of the official test file. An id is the official file's name and the place in it, such as
    ``train-00017`` or ``t10k-00421``. ``digits`` are those of `Digits`.

    Attributes:
        name: which data set.
        part: ``train`` or ``holdout``.
    """

    name: Literal["fashion_mnist", "digits"] = "fashion_mnist"
    part: Literal["train", "holdout"] = "train"

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise UsageError(one_of("bundled data set", self.name, NAMES))
        if self.part not in PARTS:
            raise UsageError(one_of("part", self.part, PARTS))

    @property
    def notice(self) -> str:
        """Licence and attribution of the data."""
        if self.name == "digits":
            return Digits().notice
        return str(provenance(self.name)["notice"])

    def __call__(self) -> Data:
        """Read the part.

        Raises:
            UsageError: the installed file is not the one that was published.
        """
        if self.name == "digits":
            return Digits(self.part)()
        origin = provenance(self.name)
        raw = (_FOLDER / f"{self.name}.npz").read_bytes()
        if hashlib.sha256(raw).hexdigest() != origin["sha256"]:
            raise UsageError(
                f"The bundled file '{self.name}.npz' is damaged: its sha256 is not the published one. "
                f"Install underspec again."
            )
        with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
            images, labels, places = (
                arrays[f"{self.part}_{column}"] for column in ("images", "labels", "places")
            )
        prefix = origin["parts"][self.part]["prefix"]
        ids = [f"{prefix}-{place:05d}" for place in places.tolist()]
        return of(images[..., None], labels, ids, classes=origin["classes"], counted="label")
