"""The frame of the published corruptions: severities 1 to 5 with constants by image size."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from underspec.core.errors import UsageError
from underspec.core.records import Data, Floats, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress._protocol import Stress
from underspec.stress.images.pictures import Batch, check_examples, chosen, distorted, pictures

__all__ = ["Corruption"]


@dataclass(frozen=True)
class Corruption(Stress):
    """A corruption after Hendrycks & Dietterich (ICLR 2019); members are final and say which.

    Constants are those of the published code, by the shorter side of the images: below 48 pixels
    those of CIFAR-10-C (made for 32), below 128 those of Tiny-ImageNet-C (64), from there on those
    of ImageNet-C (224). Pixels are made afresh and are not those of the published files, so that
    error rates compare between variants, not with published tables.

    Attributes:
        severities: from 1 to 5, each a probe such as ``contrast-3``.
        examples: use so many images, the same ones in every image stress test; all where None.
        family: name of the member, which is the family of its probes.
        constants: for small, middle and large images, one constant a severity.
    """

    severities: tuple[int, ...] = (1, 2, 3, 4, 5)
    examples: int | None = None
    family: ClassVar[str]
    constants: ClassVar[tuple[tuple[Any, ...], tuple[Any, ...], tuple[Any, ...]]]

    def __post_init__(self) -> None:
        given: Any = self.severities
        severities = (given,) if isinstance(given, int) else tuple(given)
        once = len(set(severities)) == len(severities) > 0
        if not once or not set(severities) <= {1, 2, 3, 4, 5}:
            raise UsageError(
                f"Severities of '{self.family}' are from 1 to 5, each once; got {list(severities)}. "
                f"Write severities: [1, 3, 5]."
            )
        object.__setattr__(self, "severities", severities)
        check_examples(self.examples)

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
            UsageError: the inputs are no images.
        """
        source = chosen(data, self.examples, key)
        side = min(pictures(source, self.family).shape[1:3])
        table = self.constants[0 if side < 48 else 1 if side < 128 else 2]
        for severity in self.severities:
            stream, constant = key.child(self.family, severity), table[severity - 1]
            yield Probe(
                name=f"{self.family}-{severity}",
                kind=self.kind,
                family=self.family,
                severity=float(severity),
                data=distorted(source, partial(self.distort, constant=constant, stream=stream)),
                title=f"{self.family.replace('_', ' ')}, severity {severity}",
            )

    @abstractmethod
    def distort(self, batch: Batch, constant: Any, stream: Stream) -> Floats:
        """Return the batch's pixels distorted, each image by itself.

        Args:
            batch: some of the images; not to be changed.
            constant: of this severity and size.
            stream: of this severity; what is random is drawn with `drawn`.
        """
        ...
