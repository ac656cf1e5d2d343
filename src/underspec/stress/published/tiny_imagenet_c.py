"""Tiny-ImageNet-C as published."""

from dataclasses import dataclass
from typing import ClassVar

from underspec.stress.published.corrupted import CorruptedFolders

__all__ = ["TinyImageNetC"]


@dataclass(frozen=True)
class TinyImageNetC(CorruptedFolders):
    """The official files of Tiny-ImageNet-C: 15 corruptions of 200 classes at 64 pixels.

    Folders ``<corruption>/<1..5>/<wnid>/*.JPEG``. The holdout's classes are WordNet ids. No baseline
    is published, so that mean corruption errors are plain.
    """

    suite: ClassVar[str] = "tiny_imagenet_c"
    title: ClassVar[str] = "Tiny-ImageNet-C"
    side: ClassVar[int] = 64
    classes: ClassVar[int] = 200
    images: ClassVar[int] = 10_000
    inner: ClassVar[tuple[str, ...]] = ("Tiny-ImageNet-C",)
    source: ClassVar[str] = (
        "Hendrycks & Dietterich, Benchmarking Neural Network Robustness to Common Corruptions and "
        "Perturbations, ICLR 2019; files: Zenodo record 2536630"
    )
