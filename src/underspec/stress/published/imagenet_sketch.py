"""ImageNet-Sketch as published."""

from dataclasses import dataclass
from typing import ClassVar

from underspec.core.records import Data
from underspec.stress.published.holdout import wordnet
from underspec.stress.published.other_images import OtherImages

__all__ = ["ImageNetSketch"]


@dataclass(frozen=True)
class ImageNetSketch(OtherImages):
    """The official files of ImageNet-Sketch: black-and-white drawings of the 1,000 classes.

    Folders ``sketch/<wnid>``.
    """

    name: ClassVar[str] = "imagenet_sketch"
    title: ClassVar[str] = "ImageNet-Sketch"
    images: ClassVar[int] = 50_889
    inner: ClassVar[tuple[str, ...]] = ("sketch",)
    source: ClassVar[str] = (
        "Wang et al., Learning Robust Global Representations by Penalizing Local Predictive Power, NeurIPS "
        "2019; files: https://github.com/HaohanWang/ImageNet-Sketch"
    )

    def folders(self, data: Data) -> tuple[str, ...]:
        """Return the WordNet ids of the holdout's classes."""
        return wordnet(data, self.title)
