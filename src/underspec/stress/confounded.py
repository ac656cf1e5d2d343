"""The holdout with a group and the label tied together another way than before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from underspec.core.errors import UsageError
from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.data.confounded import cells, check_pair, check_ratio, confound
from underspec.stress._protocol import Stress

__all__ = ["Confounded"]


@dataclass(frozen=True)
class Confounded(Stress):
    """A part of the holdout in which group and label go together as far as a ratio says.

    Of group A a share `ratio` is positive, of group B a share 1 - `ratio`, and both groups have as
    many examples, as the reader of this name does it: half of all are positive at any ratio. Where
    models have learnt the group in place of the class, they fail where the two part.

    Attributes:
        column: a group column of two groups.
        ratios: from 0 to 1, each a probe such as ``confounded-0.1``; where empty the mirror of the
            holdout, 1 - r of the share r of its group A that is positive, in hundredths.
        groups: A and B; where empty the two groups of the column, sorted. Others are left out.
    """

    kind: ClassVar[Kind] = "shifted"
    modality: ClassVar[str] = "any"
    source: ClassVar[str] = "ours"
    column: str
    ratios: tuple[float, ...] = ()
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given: Any = self.ratios
        ratios = tuple(given) if isinstance(given, list | tuple) else (given,)
        for ratio in ratios:
            check_ratio(ratio)
        if len({f"{ratio:g}" for ratio in ratios}) != len(ratios):
            raise UsageError(f"'ratios' of 'confounded' are given once each; got {list(ratios)}.")
        object.__setattr__(self, "ratios", ratios)
        object.__setattr__(self, "groups", check_pair(self.groups))

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe a ratio.

        Raises:
            UsageError: the column has not two groups, the labels not two classes, or too few
                examples are there for a ratio.
        """
        found = cells(data, self.column, self.groups)
        for ratio in self.ratios or (round(1 - found.share, 2),):
            first, second = found.groups
            yield Probe(
                name=f"confounded-{ratio:g}",
                kind=self.kind,
                family="confounded",
                severity=float(ratio),
                data=confound(data, found, ratio, key.child("confounded", self.column)),
                title=f"{ratio:.0%} of {first} positive, {1 - ratio:.0%} of {second}",
            )
