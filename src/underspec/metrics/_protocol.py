"""The contract of a metric: a mean of contributions, or a value on any set of examples."""

from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = ["Exact", "Fitted", "Mean", "Metric", "Pulled", "Scale", "Whole"]


class Scale(Protocol):
    """What every metric says of itself.

    A metric may say besides, by a class variable `tasks`, which tasks it is for (all but regression
    where it does not).
    """

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
        """Whether it goes from 0 to 1 like a share: then points, a default `max_drop`, a skill null."""
        ...


@runtime_checkable
class Mean(Scale, Protocol):
    """A figure of merit that is the mean of one contribution a variant and example."""

    def __call__(self, said: NDArray[Any], labels: NDArray[Any], /) -> Floats:
        """Return contributions [variants, examples].

        Args:
            said: ``answer`` [variants, examples], ``label_score`` [variants, examples] or
                ``scores`` [variants, examples, classes], as `needs` says.
            labels: class codes [examples]; for regression the targets.
        """
        ...


@runtime_checkable
class Whole(Scale, Protocol):
    """A figure of merit of all examples together, such as AUC.

    Its noise is found by halving the clusters, so nothing but its value is asked for. A smaller part of
    a class than it takes gives NaN.
    """

    def value(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return the metric of each variant, [variants]; NaN where these examples do not define it.

        Args:
            said: as `needs` says, see `Mean`.
            labels: class codes [examples]; for regression the targets.
            weights: of the examples; all alike where None.
        """
        ...


@runtime_checkable
class Pulled(Whole, Protocol):
    """A `Whole` metric that knows how each example pulls on it (its influence function)."""

    def pulls(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return contributions [variants, examples] whose (weighted) mean is the value.

        To first order, giving an example a little more weight moves the value by that weight's
        share times (its contribution less the value).
        """
        ...


@runtime_checkable
class Exact(Whole, Protocol):
    """A `Whole` metric whose true variance has a formula, for independent examples of weight 1."""

    def gram(self, said: NDArray[Any], labels: NDArray[Any], /) -> Floats | None:
        """Return the matrix of `stats.truth.Truth`, [variants, variants]; None for too few examples."""
        ...


@runtime_checkable
class Fitted(Scale, Protocol):
    """A metric that must first be fixed on the half that decides, such as a threshold."""

    def fitted(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> "Metric":
        """Return the metric to use on all probes, for the variants in this order.

        Args:
            said: of the holdout's deciding half, as `needs` says.
            labels: of the same examples.
            weights: of the same examples.
        """
        ...


Metric: TypeAlias = Mean | Whole | Fitted
