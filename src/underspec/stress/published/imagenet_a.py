"""ImageNet-A as published."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from underspec.data.images.imagenet import subset, wnids
from underspec.data.images.tree import Listing
from underspec.stress.published.folders import images_of, located
from underspec.stress.published.overlap import Overlap

__all__ = ["ImageNetA"]


@dataclass(frozen=True)
class ImageNetA(Overlap):
    """The official files of ImageNet-A: natural images that a ResNet-50 got wrong, of 200 classes.

    Folders ``imagenet-a/<wnid>``. The published figure is ``restricted``. The images were selected
    by one model's errors, so that levels do not compare with those of other sets.
    """

    name: ClassVar[str] = "imagenet_a"
    title: ClassVar[str] = "ImageNet-A"
    images: ClassVar[int | None] = 7_500
    source: ClassVar[str] = (
        "Hendrycks et al., Natural Adversarial Examples, CVPR 2021; files: "
        "https://github.com/hendrycks/natural-adv-examples"
    )

    def table(self) -> Mapping[str, tuple[int, ...]]:
        """Return the 200 class folders with their ImageNet codes."""
        return {wnids()[code]: (code,) for code in subset("imagenet_a")}

    def root(self) -> Path:
        """Return the folder that holds the class folders."""
        return located(self.path, self.title, "imagenet-a")

    def listing(self) -> Listing:
        """Return the images of the 200 folders."""
        return images_of(self.root(), tuple(self.table()), self.title).listing
