"""The frame of the corrupted sets that are folders: a corruption, a severity, a class, images."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple

from underspec.core.errors import UsageError
from underspec.core.records import Data, Probe
from underspec.core.streams import Stream
from underspec.data.images.preparation import Preparation
from underspec.data.images.tree import Listing
from underspec.stress.images.pictures import chosen
from underspec.stress.published.corruption_set import CorruptionSet
from underspec.stress.published.corruptions import TEST, VALIDATION, titled
from underspec.stress.published.folders import Found, dated, images_of, located, pictured
from underspec.stress.published.holdout import apart, channels, number, paired, stem, wordnet

__all__ = ["CorruptedFolders"]

# The archives that the corruptions come in; some people keep their names as folders.
_GROUPS = ("noise", "blur", "weather", "digital", "extra")


class _Sample(NamedTuple):
    """Which images make a probe.

    Attributes:
        data: the examples; inputs are positions among the images.
        pairs: whether they are the holdout's own.
    """

    data: Data
    pairs: bool


@dataclass(frozen=True)
class CorruptedFolders(CorruptionSet):
    """A published set of corrupted images in folders ``corruption/severity/class``.

    Where file names are those of the holdout's ids, the images are distortions of the holdout's own
    examples: those alone are used, and keep their ids and clusters. Where none is, all images are
    used, as examples of their own, and `notes` says so.

    Attributes:
        side: pixels of a side, cut out of the middle and never scaled.
        classes: how many the published set has.
        images: how many it has of each corruption and severity.
        inner: what the archive's own folder is called.
    """

    side: ClassVar[int]
    classes: ClassVar[int]
    images: ClassVar[int]
    inner: ClassVar[tuple[str, ...]]

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe a corruption and severity; lists folders, decodes nothing.

        Raises:
            UsageError: a folder is missing or should not be there, the images differ between
                corruptions, or the holdout has other classes or images of another size.
        """
        count = channels(data, self.side, self.title)
        first: tuple[str, ...] = ()
        sample: Data | None = None
        for corruption, place in self._places().items():
            for severity in self.severities:
                listing = self._images(data, place / str(severity)).listing
                if sample is None:
                    first, sample = listing.names, self._sample(data, listing).data
                    sample = chosen(sample, self.examples, key)
                elif listing.names != first:
                    raise self._unlike(place / str(severity), listing.names, first)
                yield Probe(
                    name=f"{corruption}-{severity}",
                    kind=self.kind,
                    family=corruption,
                    severity=float(severity),
                    data=pictured(sample, listing, Preparation(None, self.side), count),
                    suite=self._suite(data),
                    title=titled(corruption, severity),
                )

    def notes(self, data: Data, /) -> tuple[str, ...]:
        """Say what is left out, and whether the images are those of the holdout."""
        place = next(iter(self._places().values()))
        found = self._images(data, place / str(self.severities[0]))
        sample, total = self._sample(data, found.listing), len(found.listing.names)
        said = []
        if found.left_out:
            folders = number(len(found.left_out), "class folder")
            said.append(f"{folders} left out, being no classes of the holdout")
        elif total != self.images:
            said.append(
                f"{number(total, 'image')} of each where the published set has {self.images:,}"
            )
        if not sample.pairs:
            said.append(
                "the file names are no ids of the holdout, so that its images count as another sample of "
                "examples"
            )
        elif len(sample.data) < total:
            rest = number(total - len(sample.data), "image")
            said.append(f"{rest} left out, being no examples of the holdout")
        if sample.pairs and len(sample.data) < len(data):
            lacking = number(len(data) - len(sample.data), "example")
            said.append(f"{lacking} of the holdout have no image there")
        return tuple(f"{self.title}: {sentence}." for sentence in said)

    def fingerprint(self) -> str:
        """Return a hash of which files there are, by name, size and time of change."""
        places = self._places()
        return dated(places[c] / str(s) for c in places for s in self.severities)

    def _places(self) -> dict[str, Path]:
        root = located(self.path, self.title, *self.inner)
        asked = self.only or (TEST + VALIDATION if self.validation else TEST)
        homes = [root, *(root / group for group in _GROUPS)]
        places = {
            corruption: next((h / corruption for h in homes if (h / corruption).is_dir()), None)
            for corruption in asked
        }
        there = {corruption: place for corruption, place in places.items() if place is not None}
        lacking = [corruption for corruption in asked if corruption not in there]
        self._refuse(root, lacking, len(asked), "corruption folders", "only")
        levels = [
            f"{corruption}/{severity}"
            for corruption, place in there.items()
            for severity in self.severities
            if not (place / str(severity)).is_dir()
        ]
        asked_for = len(there) * len(self.severities)
        self._refuse(root, levels, asked_for, "severity folders", "severities")
        return there

    def _refuse(
        self, root: Path, lacking: list[str], asked: int, what: str, parameter: str
    ) -> None:
        if not lacking:
            return
        shown = ", ".join(f"'{name}'" for name in lacking[:4])
        more = f" and {len(lacking) - 4} more" if len(lacking) > 4 else ""
        raise UsageError(
            f"'{root}' is not laid out as {self.title}: it lacks {len(lacking)} of {asked} {what} asked for "
            f"({shown}{more}). Unpack all of its archives there, or say which to use: {parameter}: [...]."
        )

    def _images(self, data: Data, root: Path) -> Found:
        folders = wordnet(data, self.title)
        fewer = len(folders) < self.classes
        return images_of(root, folders, f"{self.title} (severity folder)", leave=fewer)

    def _suite(self, data: Data) -> str:
        # Errors on some classes are not to be held against published figures.
        fewer = len(data.classes) < self.classes
        return f"{self.suite}_of_{len(data.classes)}_classes" if fewer else self.suite

    def _sample(self, data: Data, listing: Listing) -> _Sample:
        own = paired(data, listing.names, listing.codes, self.title)
        if own is not None:
            return _Sample(own, pairs=True)
        names = [stem(name) for name in listing.names]
        return _Sample(apart(names, listing.codes, data.classes), pairs=False)

    def _unlike(self, root: Path, names: tuple[str, ...], first: tuple[str, ...]) -> UsageError:
        lacking, more = sorted(set(first) - set(names)), sorted(set(names) - set(first))
        told = [f"it lacks {len(lacking)}, such as '{lacking[0]}'"] if lacking else []
        told += [f"it has {len(more)} more, such as '{more[0]}'"] if more else []
        return UsageError(
            f"'{root}' does not hold the same images as the other corruptions of {self.title}: "
            f"{' and '.join(told)}. All corruptions need the same ones: unpack its archive again."
        )
