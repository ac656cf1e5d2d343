"""The corruptions of a published set, all in one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from underspec.core.errors import MissingExtraError, UsageError, one_of
from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress._protocol import Stress
from underspec.stress.images.constants import Like
from underspec.stress.images.corruption import Corruption, check_severities
from underspec.stress.images.parameters import several, shown
from underspec.stress.images.pictures import check_examples, pictures
from underspec.stress.published.corruptions import TEST, VALIDATION

__all__ = ["CifarC", "ImageNetC", "ImageNetCValidation"]


@dataclass(frozen=True)
class _Suite(Stress):
    """Some of the published corruptions, with the same severities and examples.

    Attributes:
        only: corruptions by name; all where None. They come in the order of the paper.
        severities: from 1 to 5, each a probe a corruption.
        examples: use so many images, the same ones in every image stress test; all where None.
        name: of the member.
        corruptions: those that it has.
        like: whose constants are taken.
    """

    kind: ClassVar[Kind] = "shifted"
    modality: ClassVar[str] = "images"
    source: ClassVar[str] = "Hendrycks & Dietterich, ICLR 2019"
    name: ClassVar[str]
    corruptions: ClassVar[tuple[str, ...]] = TEST
    like: ClassVar[Like] = "size"
    only: tuple[str, ...] | None = None
    severities: tuple[int, ...] = (1, 2, 3, 4, 5)
    examples: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "only", _named(self.only, self.known, self.name))
        object.__setattr__(self, "severities", check_severities(self.severities, self.name))
        check_examples(self.examples)

    @property
    def known(self) -> tuple[str, ...]:
        """The corruptions that may be named."""
        return self.corruptions

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe a corruption and severity.

        Raises:
            UsageError: the inputs are no images, or too small for a corruption.
            MissingExtraError: one needs OpenCV, which is not installed.
        """
        return _probes(self.name, self._members(), data, key)

    def ready(self) -> None:
        """Check, before any pixel is made, that what its corruptions need is installed.

        Raises:
            MissingExtraError: it is not.
        """
        _ready(self.name, self._members())

    def _members(self) -> list[Corruption]:
        return _made(self.only or self.known, self.severities, self.examples, self.like)


@dataclass(frozen=True)
class ImageNetC(_Suite):
    """The 15 corruptions of ImageNet-C, made of the holdout (Hendrycks & Dietterich, ICLR 2019).

    The probes are those of the single corruptions, to the bit and by name: ``fog-gen-3``.
    """

    name: ClassVar[str] = "imagenet_c"


@dataclass(frozen=True)
class ImageNetCValidation(_Suite):
    """The 4 corruptions set aside for tuning with ImageNet-C: no part of a corruption error."""

    name: ClassVar[str] = "imagenet_c_validation"
    corruptions: ClassVar[tuple[str, ...]] = VALIDATION


@dataclass(frozen=True)
class CifarC(_Suite):
    """The 15 corruptions of CIFAR-10-C, with its constants whatever the size of the images.

    Attributes:
        also_validation: the 4 for tuning too, which CIFAR-10-C holds as well.
    """

    name: ClassVar[str] = "cifar_c"
    like: ClassVar[Like] = "cifar_c"
    also_validation: bool = False

    def __post_init__(self) -> None:
        given: Any = self.also_validation
        if not isinstance(given, bool):
            raise UsageError(f"also_validation is true or false; got {given!r}.")
        super().__post_init__()

    @property
    def known(self) -> tuple[str, ...]:
        """The corruptions that may be named."""
        return TEST + VALIDATION if self.also_validation else TEST


def _named(only: Any, known: tuple[str, ...], suite: str) -> tuple[str, ...] | None:
    if only is None:
        return None
    names = several(only)
    if not all(isinstance(name, str) for name in names) or not 0 < len(set(names)) == len(names):
        raise UsageError(
            f"'only' of '{suite}' names corruptions, each once; got {shown(only)}. Leave it out to "
            f"have all {len(known)}."
        )
    for name in names:
        if name not in known:
            raise UsageError(one_of(f"corruption in '{suite}'", name, known, limit=len(known)))
    return tuple(name for name in known if name in names)


def _made(
    names: tuple[str, ...],
    severities: tuple[int, ...],
    examples: int | None,
    like: Like,
) -> list[Corruption]:
    from underspec.stress import load

    made = (load(name)(severities=severities, examples=examples, like=like) for name in names)  # type: ignore[call-arg]
    return [member for member in made if isinstance(member, Corruption)]


def _ready(suite: str, members: list[Corruption]) -> None:
    lacking = []
    for member in members:
        try:
            member.ready()
        except MissingExtraError:
            lacking.append(member.family)
    if lacking:
        raise MissingExtraError(f"'{suite}' (for {', '.join(lacking)})", "images")


def _fits(suite: str, members: list[Corruption], side: int) -> None:
    """Check that no picture is too small for one of the corruptions.

    Raises:
        UsageError: some are; it says for which, and how large they have to be.
    """
    needed = {member.family: member.needed(side) for member in members}
    small = [f"{name} ({least})" for name, least in needed.items() if side < least]
    if not small:
        return
    fit = [name for name, least in needed.items() if side >= least]
    instead = f"Write only: [{', '.join(fit)}], take" if fit else "Take"
    raise UsageError(
        f"The shorter side of the images is {side} pixels, and '{suite}' wants more for some of its "
        f"corruptions, whose kernel or pattern they do not hold: {', '.join(small)}. {instead} other "
        f"severities or larger images."
    )


def _probes(suite: str, members: list[Corruption], data: Data, key: Stream) -> Iterator[Probe]:
    _ready(suite, members)
    _fits(suite, members, min(pictures(data, suite)[1:3]))
    for member in members:
        yield from member(data, key)
