"""The frame of the poses: one probe a number, such as an angle."""

from abc import abstractmethod
from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar

from underspec.core.errors import UsageError
from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress._protocol import Stress
from underspec.stress.images.parameters import is_number, several, shown
from underspec.stress.images.pictures import Batch, Pixels, chosen, distorted, pictures

__all__ = ["Pose", "hundredths"]


def hundredths(given: Any, what: str, low: float, high: float, write: str) -> tuple[float, ...]:
    """Return numbers as a tuple; each is a whole number of hundredths, so that it has its own name.

    Args:
        given: one number or several.
        what: the numbers and their unit, such as ``Angles are degrees``.
        low: the least that is allowed.
        high: the most.
        write: how to write it right.

    Raises:
        UsageError: there are none, or one is no number, out of range, finer than a hundredth, or
            given twice.
    """
    numbers = several(given)
    # Compared before it is rounded: what is infinite, NaN or too large for a float is out of range.
    known = all(is_number(n) and low - 1e-8 <= n <= high + 1e-8 for n in numbers)
    fine = [round(number * 100) for number in numbers] if known else []
    exact = all(abs(number * 100 - f) < 1e-6 for number, f in zip(numbers, fine, strict=known))
    if known and exact and 0 < len(set(fine)) == len(fine):
        return numbers
    raise UsageError(
        f"{what} from {low:g} to {high:g} in hundredths, each once; got {shown(given)}. Write {write}."
    )


class Pose(Stress):
    """How an object or the camera stands; members are final, frozen dataclasses and say how.

    Attributes:
        family: name of the member and of its probes.
        at_a_time: values of pixels worked on at once by one thread.
        examples: how many images are used; all where None.
    """

    kind: ClassVar[Kind] = "shifted"
    modality: ClassVar[str] = "images"
    family: ClassVar[str]
    at_a_time: ClassVar[int] = 1 << 18
    examples: int | None

    @property
    @abstractmethod
    def numbers(self) -> tuple[float, ...]:
        """One probe each; the number is its severity."""
        ...

    @abstractmethod
    def title(self, number: float) -> str:
        """Return how a report writes the probe of this number."""
        ...

    @abstractmethod
    def move(self, batch: Batch, number: float, stream: Stream) -> Pixels:
        """Return the batch's pixels moved, each picture by itself; see `Corruption.distort`."""
        ...

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe a number, such as ``rotate-45``.

        Raises:
            UsageError: the inputs are no images.
        """
        source = chosen(data, self.examples, key)
        pictures(source, self.family)
        for number in self.numbers:
            path = key.child(self.family, f"{number:g}").path
            work = partial(self._moved, number=number, path=path)
            yield Probe(
                name=f"{self.family}-{number:g}",
                kind=self.kind,
                family=self.family,
                severity=float(number),
                data=distorted(source, work, repr((path, number, self)), self.at_a_time),
                title=self.title(number),
            )

    def _moved(self, batch: Batch, number: float, path: tuple[int | str, ...]) -> Pixels:
        # Each call has a stream of its own, so that threads may.
        return self.move(batch, number, Stream(path))
