"""ImageNet-C as published."""

from dataclasses import dataclass
from typing import ClassVar

from underspec.stress.published.corrupted import CorruptedFolders

__all__ = ["ImageNetC"]


@dataclass(frozen=True)
class ImageNetC(CorruptedFolders):
    """The official files of ImageNet-C: 15 corruptions (and 4 for tuning) at 5 severities.

    Folders ``<corruption>/<1..5>/<wnid>/ILSVRC2012_val_*.JPEG``, also below the names of the
    archives (``noise/gaussian_noise``). The files are scaled and cut already: their middle of 224
    pixels is taken as it is. They pair with ImageNet's validation images by name. Mean corruption
    errors are divided by AlexNet's.
    """

    suite: ClassVar[str] = "imagenet_c"
    title: ClassVar[str] = "ImageNet-C"
    side: ClassVar[int] = 224
    classes: ClassVar[int] = 1000
    images: ClassVar[int] = 50_000
    inner: ClassVar[tuple[str, ...]] = ("ImageNet-C", "imagenet-c")
    source: ClassVar[str] = (
        "Hendrycks & Dietterich, Benchmarking Neural Network Robustness to Common Corruptions and "
        "Perturbations, ICLR 2019; files: Zenodo record 2235448"
    )
