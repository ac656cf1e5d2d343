"""The frame of the published corruptions: severities 1 to 5 with constants by image size."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from underspec.core.errors import UsageError
from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress._protocol import Stress
from underspec.stress.images.constants import Like, Table, check_like, constant
from underspec.stress.images.parameters import is_whole, several, shown
from underspec.stress.images.pictures import (
    Batch,
    Pixels,
    check_examples,
    chosen,
    distorted,
    pictures,
)

__all__ = ["Corruption", "check_severities"]


def check_severities(given: Any, name: str) -> tuple[int, ...]:
    """Return severities as a tuple.

    Raises:
        UsageError: they are not whole numbers from 1 to 5, each once.
    """
    severities = several(given)
    known = all(is_whole(one) and 1 <= one <= 5 for one in severities)
    if not known or not 0 < len(set(severities)) == len(severities):
        raise UsageError(
            f"Severities of '{name}' are from 1 to 5, each once, as whole numbers; got "
            f"{shown(given)}. Write severities: [1, 3, 5]."
        )
    return severities


@dataclass(frozen=True)
class Corruption(Stress):
    """A corruption after Hendrycks & Dietterich (ICLR 2019); members are final and say which.

    Constants are those of the published code, by the shorter side of the images: those of
    CIFAR-10-C (made for 32 pixels), Tiny-ImageNet-C (64) and ImageNet-C (224); `constants.constant`
    says what holds between. Pixels are made afresh, while the published files went through a JPEG,
    so that error rates compare between variants, not with published tables: families end in
    ``-gen``.

    Attributes:
        severities: from 1 to 5, each a probe such as ``contrast-gen-3``.
        examples: use so many images, the same ones in every image stress test; all where None.
        like: ``size``, or the set whose constants are taken whatever the size: ``cifar_c``,
            ``tiny_imagenet_c`` or ``imagenet_c``.
        family: name of the member; that of its probes has ``-gen`` behind it.
        constants: for 32, 64 and 224 pixels, one constant a severity.
        lengths: positions in a constant of what is measured in pixels.
        at_a_time: values of pixels worked on at once by one thread.
        alone_below: pictures of fewer values are worked on by one thread, as the steps on them are
            so short that threads would wait for each other longer than they work.
        least: shorter side, in pixels, below which the corruption means nothing; see `smallest`.
    """

    severities: tuple[int, ...] = (1, 2, 3, 4, 5)
    examples: int | None = None
    like: Like = "size"
    modality: ClassVar[str] = "images"
    source: ClassVar[str] = "Hendrycks & Dietterich, ICLR 2019"
    family: ClassVar[str]
    constants: ClassVar[tuple[Table, Table, Table]]
    lengths: ClassVar[tuple[int, ...]] = ()
    at_a_time: ClassVar[int] = 1 << 18
    alone_below: ClassVar[int] = 0
    least: ClassVar[int] = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "severities", check_severities(self.severities, self.family))
        check_examples(self.examples)
        check_like(self.like)

    @property
    def kind(self) -> Kind:
        """Always ``shifted``."""
        return "shifted"

    @property
    def graded(self) -> bool:
        """A higher severity moves pixels further, unless a member says otherwise."""
        return True

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe a severity.

        Raises:
            UsageError: the inputs are no images, or too small for this corruption.
            MissingExtraError: it needs OpenCV, which is not installed.
        """
        source = chosen(data, self.examples, key)
        side = min(pictures(source, self.family)[1:3])
        self.ready()
        needed = self.needed(side)
        if side < needed:
            raise UsageError(
                f"The stress test '{self.family}' with severities: {list(self.severities)} wants "
                f"images of at least {needed} pixels a side, but the shorter side of these is "
                f"{side}: they do not hold its kernel or pattern. Leave it out, take other "
                f"severities or larger images."
            )
        for severity in self.severities:
            number = constant(self.constants, severity, side, self.like, self.lengths)
            path = key.child(self.family, severity).path
            work = partial(self.worked, constant=number, path=path)
            yield Probe(
                name=f"{self.family}-gen-{severity}",
                kind=self.kind,
                family=f"{self.family}-gen",
                severity=float(severity),
                data=distorted(
                    source, work, repr((path, number)), self.at_a_time, self.alone_below
                ),
                suite="corruptions-gen",
                title=f"{self.family.replace('_', ' ')} (gen), severity {severity}",
            )

    def worked(self, batch: Batch, constant: Any, path: tuple[int | str, ...]) -> Pixels:
        """Return the batch distorted; each call has a stream of its own, so that threads may."""
        return self.distort(batch, constant, Stream(path))

    def ready(self) -> None:
        """Check, before any pixel is made, that what the corruption needs is installed.

        Raises:
            MissingExtraError: it is not.
        """

    def needed(self, side: int) -> int:
        """Return the shorter side, in pixels, that all severities asked for can do with.

        Args:
            side: shorter side of the images, which decides the constants.
        """
        made = (constant(self.constants, s, side, self.like, self.lengths) for s in self.severities)
        return max(self.smallest(one) for one in made)

    def smallest(self, constant: Any) -> int:  # noqa: ARG002 - those with a kernel look at it
        """Return the shorter side, in pixels, from which on a constant means anything.

        It is where a kernel fits in: for a Gaussian, what lies within two standard deviations.
        """
        return self.least

    @abstractmethod
    def distort(self, batch: Batch, constant: Any, stream: Stream) -> Pixels:
        """Return the batch's pixels distorted, each image by itself.

        Args:
            batch: some of the images; not to be changed.
            constant: of this severity and size.
            stream: of this severity; what is random is drawn with `drawn`.

        Returns:
            A new array [n, height, width, channels]: floats, of which 0 is black and 1 white and
            those beyond are clipped, or, for uint8 images, uint8 grey levels as they are to stand.
        """
        ...
