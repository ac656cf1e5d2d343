"""Domains of a data set in folders, each as a probe."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from underspec.core.errors import UsageError, one_of
from underspec.core.names import part
from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.data.images.preparation import Preparation
from underspec.data.images.tree import class_folders
from underspec.stress._protocol import Stress
from underspec.stress.images.pictures import check_examples, chosen
from underspec.stress.published.folders import dated, images_of, located, pictured
from underspec.stress.published.holdout import apart, channels

__all__ = ["Domains"]


@dataclass(frozen=True)
class Domains(Stress):
    """Each folder of ``dataset/domain/class/image`` as a probe, such as ``domains-sketch``.

    Name with `only` the domains that nothing was trained on. Class folders are those of the
    holdout's class names, in every domain. For domains that are groups of the holdout itself there
    is `by_group`.

    Attributes:
        path: the folder of the data set.
        only: domains to take; all where None.
        resize: pixels of the shorter side after scaling; None to scale nothing.
        crop: pixels of a side of the middle that is kept; the holdout's size.
        examples: use so many images of each domain; all where None.
        name: family of the probes and first part of their names; another one for a second data set.
    """

    path: str
    only: tuple[str, ...] | None = None
    resize: int | None = 256
    crop: int = 224
    examples: int | None = None
    name: str = "domains"
    modality: ClassVar[str] = "images"
    source: ClassVar[str] = (
        "the layout of Gulrajani & Lopez-Paz, In Search of Lost Domain Generalization (DomainBed), ICLR "
        "2021"
    )

    def __post_init__(self) -> None:
        given: Any = self.only
        if given is not None:
            names = (given,) if isinstance(given, str) else tuple(given)
            if not 0 < len(set(names)) == len(names):
                raise UsageError(f"'only' names domains, each once; got {list(names)}.")
            object.__setattr__(self, "only", names)
        if part(self.name) != self.name:
            raise UsageError(
                f"The name of domains is of small letters, digits and _ only; got '{self.name}'."
            )
        check_examples(self.examples)
        Preparation(self.resize, self.crop)

    @property
    def kind(self) -> Kind:
        """Always ``shifted``."""
        return "shifted"

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe a domain, in the order of `only` or else sorted; decodes nothing.

        Raises:
            UsageError: there is no such domain, a class folder is missing or should not be there, or
                the holdout has images of another size.
        """
        count = channels(data, self.crop, f"'{self.name}'")
        root = located(self.path, "domains")
        if not data.classes:
            raise UsageError(
                "Class folders are matched with the holdout's classes by name, but these have none: name them "
                "with classes: [...] in the order of the codes."
            )
        for domain in self._wanted(root):
            found = images_of(
                root / domain, data.classes, f"the domain '{domain}'", archive=False
            ).listing
            names = [f"{self.name}/{domain}/{name}" for name in found.names]
            own = chosen(apart(names, found.codes, data.classes), self.examples, key)
            yield Probe(
                name=f"{self.name}-{part(domain)}",
                kind=self.kind,
                family=self.name,
                data=pictured(own, found, Preparation(self.resize, self.crop), count),
                title=f"{self.name} = {domain}",
            )

    def fingerprint(self) -> str:
        """Return a hash of which files there are, by name, size and time of change."""
        root = located(self.path, "domains")
        return dated(root / domain for domain in self._wanted(root))

    def _wanted(self, root: Path) -> tuple[str, ...]:
        known = class_folders(root)
        if not known:
            raise UsageError(
                f"'{root}' holds no folders: give the one in which each domain has a folder of class folders."
            )
        for domain in self.only or ():
            if domain not in known:
                raise UsageError(one_of(f"domain of '{root}'", domain, known))
        return self.only or known
