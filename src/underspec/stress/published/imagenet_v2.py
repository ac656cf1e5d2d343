"""ImageNet-V2 as published."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.data.images.imagenet import wnids
from underspec.stress.published.holdout import wordnet
from underspec.stress.published.other_images import OtherImages

__all__ = ["ImageNetV2"]

# By what the archives' folders are called.
_PARTS = {
    "matched-frequency": "matched_frequency",
    "threshold0.7": "threshold_0.7",
    "top-images": "top_images",
}


@dataclass(frozen=True)
class ImageNetV2(OtherImages):
    """The official files of ImageNet-V2: the validation images collected anew.

    Folders ``0`` to ``999``, which are ImageNet's class codes: read as numbers, not as text. There
    are three such sets; the probe is named after the one whose name the folder has, such as
    ``imagenet_v2-matched_frequency``, or ``imagenet_v2``.
    """

    name: ClassVar[str] = "imagenet_v2"
    title: ClassVar[str] = "ImageNet-V2"
    images: ClassVar[int] = 10_000
    inner: ClassVar[tuple[str, ...]] = ("imagenetv2-matched-frequency-format-val",)
    source: ClassVar[str] = (
        "Recht et al., Do ImageNet Classifiers Generalize to ImageNet?, ICML 2019; files: "
        "https://github.com/modestyachts/ImageNetV2"
    )

    def folders(self, data: Data) -> tuple[str, ...]:
        """Return ImageNet's codes of the holdout's classes, as text."""
        code = {wnid: str(at) for at, wnid in enumerate(wnids())}
        named = wordnet(data, self.title)
        strange = [wnid for wnid in named if wnid not in code]
        if strange:
            raise UsageError(
                f"'{strange[0]}' is a class of the holdout, but none of the 1,000 of ImageNet, by whose codes "
                f"the folders of {self.title} are named."
            )
        return tuple(code[wnid] for wnid in named)

    def probe_name(self, root: Path) -> str:
        """Return the name of the probe, after which of the three sets it is."""
        for word, part in _PARTS.items():
            if word in root.name:
                return f"{self.name}-{part}"
        return self.name
