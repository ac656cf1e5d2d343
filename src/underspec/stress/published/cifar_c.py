"""CIFAR-10-C and CIFAR-100-C as published."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple

from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy
from underspec.core.records import Data, Probe
from underspec.core.streams import Stream
from underspec.stress.images.pictures import chosen
from underspec.stress.published.array_file import ArrayRows, array_in
from underspec.stress.published.cifar_labels import EACH, codes_of, labels_in, order_of
from underspec.stress.published.corruption_set import CorruptionSet
from underspec.stress.published.corruptions import TEST, VALIDATION, titled
from underspec.stress.published.folders import located
from underspec.stress.published.holdout import apart, channels
from underspec.stress.published.lists import lines

__all__ = ["Cifar10C", "Cifar100C"]

_SIDE = 32
_SHAPE = (5 * EACH, _SIDE, _SIDE, 3)


class _Sample(NamedTuple):
    """Which rows of a severity make a probe.

    Attributes:
        data: the examples; inputs are positions among the 10,000.
        pairs: whether they are the holdout's own.
    """

    data: Data
    pairs: bool


@dataclass(frozen=True)
class _CifarC(CorruptionSet):
    """A file ``<corruption>.npy`` of 5 times 10,000 test images each, and ``labels.npy``.

    The files name no images. Where the holdout's ids end in their numbers (``test-00017``), or it has
    all 10,000 in their order, and the labels agree, its examples are the test images: those alone are
    used, with their ids and clusters. Elsewhere all images are used, as examples of their own, and
    `notes` says so.

    Attributes:
        classes: names of the published classes, in the order of their codes.
    """

    classes: ClassVar[tuple[str, ...]]

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe a corruption and severity; reads labels only.

        Raises:
            UsageError: a file is missing or not what was published, or the holdout has other classes
                or images of another size.
        """
        if channels(data, _SIDE, self.title) != 3:
            raise UsageError(f"{self.title} is in colour, but the holdout's images have 1 channel.")
        files = self._files()
        sample = chosen(self._sample(data).data, self.examples, key)
        for corruption, path in files.items():
            array_in(path, _SHAPE, "u1", self.title)
            for severity in self.severities:
                rows = ArrayRows(path, _SHAPE, (severity - 1) * EACH, EACH, self.title)
                yield Probe(
                    name=f"{corruption}-{severity}",
                    kind=self.kind,
                    family=corruption,
                    severity=float(severity),
                    data=sample.with_inputs(Lazy(rows, sample.inputs)),
                    suite=self.suite,
                    title=titled(corruption, severity),
                )

    def notes(self, data: Data, /) -> tuple[str, ...]:
        """Say so where the images cannot be paired with the holdout."""
        sample = self._sample(data)
        if sample.pairs and len(data) == EACH:
            return ()
        if sample.pairs:
            rest = EACH - len(data)
            aside = f"{rest:,} of {EACH:,} images are no examples of the holdout and left out"
            return (f"{self.title}: {aside}.",)
        why = "neither the ids nor the order of the holdout say which test images it has"
        return (f"{self.title}: {why}, so that these count as another sample of examples.",)

    def fingerprint(self) -> str:
        """Return a hash of the files: sizes would not tell, as all are of one."""
        state = hashlib.sha256()
        for path in (self._root() / "labels.npy", *self._files().values()):
            try:
                with path.open("rb") as file:
                    state.update(hashlib.file_digest(file, "sha256").digest())
            except FileNotFoundError:
                raise UsageError(f"There is no file '{path}', which {self.title} has.") from None
        return state.hexdigest()

    def _root(self) -> Path:
        return located(self.path, self.title, self.title)

    def _files(self) -> dict[str, Path]:
        root = self._root()
        asked = self.only or (TEST + VALIDATION if self.validation else TEST)
        files = {corruption: root / f"{corruption}.npy" for corruption in asked}
        lacking = [path.name for path in files.values() if not path.is_file()]
        if lacking:
            shown = ", ".join(f"'{name}'" for name in lacking[:4])
            more = f" and {len(lacking) - 4} more" if len(lacking) > 4 else ""
            raise UsageError(
                f"'{root}' is not laid out as {self.title}: it lacks {len(lacking)} of {len(asked)} files asked "
                f"for ({shown}{more}). Unpack the archive there, or say which to use: only: [...]."
            )
        return files

    def _sample(self, data: Data) -> _Sample:
        labels = labels_in(self._root() / "labels.npy", len(self.classes), self.title)
        codes = codes_of(data, self.classes)
        order = order_of(data, labels if codes is None else codes[labels])
        if order is not None:
            return _Sample(data.with_inputs(order), pairs=True)
        if codes is None:
            raise UsageError(
                f"The holdout's {len(data.classes)} classes cannot be matched with the {len(self.classes)} of "
                f"{self.title}: name them {self.classes[0]}, {self.classes[1]} ... {self.classes[-1]}, or 0 ... "
                f"{len(self.classes) - 1}."
            )
        names = [f"{self.suite}/{position:05d}" for position in range(EACH)]
        return _Sample(apart(names, codes[labels], data.classes), pairs=False)


@dataclass(frozen=True)
class Cifar10C(_CifarC):
    """The official files of CIFAR-10-C: 15 corruptions (and 4 for tuning) at 5 severities.

    Files ``<corruption>.npy`` and ``labels.npy``, read as needed. They pair with the test images by
    the numbers in their ids, or by their order. No baseline is published, so that mean corruption errors are
    plain.
    """

    suite: ClassVar[str] = "cifar_10_c"
    title: ClassVar[str] = "CIFAR-10-C"
    classes: ClassVar[tuple[str, ...]] = lines("cifar_10")
    source: ClassVar[str] = (
        "Hendrycks & Dietterich, Benchmarking Neural Network Robustness to Common Corruptions and "
        "Perturbations, ICLR 2019; files: Zenodo record 2535967"
    )


@dataclass(frozen=True)
class Cifar100C(_CifarC):
    """The official files of CIFAR-100-C: 15 corruptions (and 4 for tuning) at 5 severities.

    Files ``<corruption>.npy`` and ``labels.npy``, read as needed. They pair with the test images by
    the numbers in their ids, or by their order. No baseline is published, so that mean corruption errors are
    plain.
    """

    suite: ClassVar[str] = "cifar_100_c"
    title: ClassVar[str] = "CIFAR-100-C"
    classes: ClassVar[tuple[str, ...]] = lines("cifar_100")
    source: ClassVar[str] = (
        "Hendrycks & Dietterich, Benchmarking Neural Network Robustness to Common Corruptions and "
        "Perturbations, ICLR 2019; files: Zenodo record 3555552"
    )
