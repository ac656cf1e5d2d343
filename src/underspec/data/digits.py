"""The handwritten digits that come with scikit-learn, as small images."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.core.streams import stream
from underspec.data._protocol import Reader
from underspec.data.arrays import of

__all__ = ["Digits"]

_PARTS = ("train", "holdout")


@dataclass(frozen=True)
class Digits(Reader):
    """1,797 digits of 13 writers, uint8 [examples, 8, 8, 1], half of each class in either part.

    The split is by a fixed stream and the same for everyone; writers are not recorded in this
    copy, so both parts hold digits of the same writers. Grey values 0-16 are spread over 0-255.

    Attributes:
        part: ``train`` (901 digits) or ``holdout`` (896).
    """

    part: Literal["train", "holdout"] = "train"

    def __post_init__(self) -> None:
        if self.part not in _PARTS:
            raise UsageError(one_of("part", self.part, _PARTS))

    @property
    def notice(self) -> str:
        """Attribution of the data."""
        return (
            "Optical Recognition of Handwritten Digits (E. Alpaydin, C. Kaynak, 1998), UCI Machine "
            "Learning Repository, CC BY 4.0; the copy that comes with scikit-learn."
        )

    def __call__(self) -> Data:
        """Read the part; loads scikit-learn."""
        from sklearn.datasets import load_digits

        loaded = load_digits()
        labels = np.asarray(loaded.target)
        ids = np.asarray([f"digit-{i:04d}" for i in range(len(labels))])
        split = stream(0, "data", "sklearn_digits", "split")
        draws = np.asarray([split.example(str(name)).random() for name in ids])
        mine = np.zeros(len(labels), dtype=np.bool_)
        for label in np.unique(labels):
            rows = np.flatnonzero(labels == label)
            rows = rows[np.argsort(draws[rows], kind="stable")]
            half = (len(rows) + 1) // 2
            mine[rows[:half] if self.part == "train" else rows[half:]] = True
        images = np.rint(np.asarray(loaded.images) * (255 / 16)).astype(np.uint8)
        return of(images[mine][..., None], labels[mine], ids[mine])
