"""The contract of a metric: contributions whose mean over examples is the metric."""

from typing import Any, Literal, Protocol

from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = ["Metric"]


class Metric(Protocol):
    """A figure of merit with one contribution a variant and example."""

    @property
    def needs(self) -> Literal["answer", "label_score", "scores"]:
        """Which array it is called with."""
        ...

    @property
    def greater_is_better(self) -> bool:
        """Whether a larger value is the better one."""
        ...

    @property
    def range(self) -> tuple[float, float]:
        """Least and largest possible value."""
        ...

    @property
    def proportion(self) -> bool:
        """Whether it is a share of examples: then points, a default `max_drop`, a skill null."""
        ...

    def __call__(self, said: NDArray[Any], labels: NDArray[Any], /) -> Floats:
        """Return contributions [variants, examples].

        Args:
            said: ``answer`` [variants, examples], ``label_score`` [variants, examples] or
                ``scores`` [variants, examples, classes], as `needs` says.
            labels: class codes [examples].
        """
        ...
