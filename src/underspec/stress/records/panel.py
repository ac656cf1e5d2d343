"""The same patient with fewer measurements: does the answer hang on what was ordered?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.names import NAME
from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress._protocol import Stress
from underspec.stress.images.pictures import check_examples, chosen
from underspec.stress.pairing import contrast
from underspec.stress.tabular.columns import check_names, emptied, steps

__all__ = ["Panel"]


@dataclass(frozen=True)
class Panel(Stress):
    """Reduces the measurements of each example to a basic panel; what is left out becomes NaN.

    Attributes:
        columns: the full panel. Columns that are not named, such as age, stay as they are.
        keep: the basic panel, a part of `columns`.
        name: of the probe, such as ``panel`` or ``panel-basic``; its family is what stands before a hyphen.
        examples: use so many examples; all where None.
    """

    kind: ClassVar[Kind] = "contrastive"
    modality: ClassVar[str] = "tables and records"
    source: ClassVar[str] = "ours"
    columns: tuple[str, ...]
    keep: tuple[str, ...]
    name: str = "panel"
    examples: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", check_names(self.columns, "panel"))
        object.__setattr__(self, "keep", check_names(self.keep, "panel", "keep"))
        for column in self.keep:
            if column not in self.columns:
                raise UsageError(one_of("column of the full panel", column, self.columns))
        if len(self.keep) == len(self.columns):
            raise UsageError(
                f"'panel' keeps all of its {len(self.columns)} columns, so that nothing is left out: keep fewer."
            )
        name: Any = self.name
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise UsageError(f"{name!r} cannot name a probe: write name: panel-basic.")
        check_examples(self.examples)

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield the one probe.

        Raises:
            UsageError: a column is missing.
        """
        source = chosen(data, self.examples, key)
        everywhere = np.ones((len(source), *steps(source)), dtype=np.bool_)
        kept = {name: ~everywhere if name in self.keep else everywhere for name in self.columns}
        yield contrast(
            source,
            emptied(source, kept, "panel"),
            name=self.name,
            family=self.name.partition("-")[0],
            title=f"{len(self.keep)} of {len(self.columns)} measurements: {', '.join(self.keep)}",
        )
