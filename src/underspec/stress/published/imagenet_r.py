"""ImageNet-R as published."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from underspec.data.images.imagenet import subset, wnids
from underspec.data.images.tree import Listing
from underspec.stress.published.folders import images_of, located
from underspec.stress.published.overlap import Overlap

__all__ = ["ImageNetR"]


@dataclass(frozen=True)
class ImageNetR(Overlap):
    """The official files of ImageNet-R: art, toys, sketches and other renditions of 200 classes.

    Folders ``imagenet-r/<wnid>``. The published figure is ``restricted``.
    """

    name: ClassVar[str] = "imagenet_r"
    title: ClassVar[str] = "ImageNet-R"
    images: ClassVar[int | None] = 30_000
    source: ClassVar[str] = (
        "Hendrycks et al., The Many Faces of Robustness, ICCV 2021; files: "
        "https://github.com/hendrycks/imagenet-r"
    )

    def table(self) -> Mapping[str, tuple[int, ...]]:
        """Return the 200 class folders with their ImageNet codes."""
        return {wnids()[code]: (code,) for code in subset("imagenet_r")}

    def root(self) -> Path:
        """Return the folder that holds the class folders."""
        return located(self.path, self.title, "imagenet-r")

    def listing(self) -> Listing:
        """Return the images of the 200 folders."""
        return images_of(self.root(), tuple(self.table()), self.title).listing
