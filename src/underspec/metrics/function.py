"""A user's function as a metric."""

import inspect
import math
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from underspec.core.by_name import beside, imported, parted
from underspec.core.errors import UnderspecError, UsageError, one_of
from underspec.core.records import Floats, Task

__all__ = ["Function"]

Needs: TypeAlias = Literal["answer", "label_score", "scores"]


@dataclass(frozen=True)
class Function:
    """Calls a function of the user's own with what one variant said, and takes the number it returns.

    It is called as ``function(said, labels)``, where `said` is ``scores`` [examples, classes] (float32;
    for regression one column, the prediction), ``answer`` [examples] (class codes, -1 where the probe
    lacks the class) or ``label_score`` [examples]; with data that have weights, as ``function(said,
    labels, weights=weights)``. It is called for subsets of the examples too, and returns nan where these
    do not define it, such as where a class is absent. Before anything is trained it is tried with
    made-up scores of the study's own examples.

    It is called about 250 times for each variant and probe (350 where ensembles are graded), since its
    noise is found by leaving out and halving clusters: with 50 variants and 20 probes a call of 1 ms
    takes about 4 minutes in all, one of 0.1 s about 7 hours.

    The file is the user's own code and runs with the user's rights.

    Attributes:
        call: ``file.py:function``, or, in Python, the function itself.
        greater_is_better: whether a larger number is the better one.
        low: least possible number.
        high: largest possible number. From 0 to 1 and the greater the better, it counts as a proportion.
        needs: ``scores``, ``answer`` or ``label_score``.
        tasks: ``binary``, ``classification`` or ``regression``; those it is for.
    """

    call: str | Callable[..., Any]
    greater_is_better: bool
    low: float = -math.inf
    high: float = math.inf
    needs: Needs = "scores"
    tasks: tuple[str, ...] = ("binary", "classification", "regression")

    def __post_init__(self) -> None:
        call, better = vars(self)["call"], vars(self)["greater_is_better"]  # whatever was given
        if isinstance(call, str):
            parted(call, "call of a metric")
        elif not callable(call):
            raise UsageError(
                f"The call of a metric is file.py:function, or a function; got {type(call).__name__}."
            )
        if not isinstance(better, bool):
            raise UsageError(
                f"greater_is_better is true or false, whether a larger number is better; got {better!r}."
            )
        if not self.low < self.high:
            raise UsageError(
                f"The metric '{self._shown}' must have a low below its high, got {self.low} and {self.high}: they "
                "are the least and largest number it can return; leave them out where there are none."
            )
        if self.needs not in get_args(Needs):
            raise UsageError(one_of("input of a metric", self.needs, get_args(Needs)))
        for task in self.tasks:
            if task not in get_args(Task):
                raise UsageError(one_of("task", task, get_args(Task)))

    def __reduce__(self) -> tuple[type["Function"], tuple[Any, ...]]:
        return Function, tuple(getattr(self, field.name) for field in fields(self))

    @property
    def range(self) -> tuple[float, float]:
        """Least and largest possible value."""
        return float(self.low), float(self.high)

    @property
    def proportion(self) -> bool:
        """Whether it goes from 0 to 1, the greater the better."""
        return self.greater_is_better and self.low == 0 and self.high == 1

    def value(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return what the function returns for each variant, [variants]; NaN for anything infinite.

        Args:
            said: as `needs` says, [variants, examples] or [variants, examples, classes].
            labels: class codes [examples]; for regression the targets.
            weights: of the examples.

        Raises:
            UsageError: there is no such file or function, it takes other arguments, fails, or returns
                something else than a number from `low` to `high`.
        """
        function = self._function
        given = {} if weights is None else {"weights": weights.copy()}
        self._check(function, given)
        with nullcontext() if self._file is None else beside(self._file):
            made = [self._one(function, row.copy(), labels.copy(), given) for row in said]
        return np.array(made, dtype=np.float64)

    def _one(
        self,
        function: Callable[..., Any],
        said: NDArray[Any],
        labels: NDArray[Any],
        given: dict[str, Floats],
    ) -> float:
        try:
            made = function(said, labels, **given)
        except UnderspecError:
            raise
        except Exception as error:
            raise UsageError(
                f"The metric '{self._shown}' failed on {len(labels)} examples: {self._told(error)}. Let it return "
                "nan where these examples do not define it."
            ) from error
        if isinstance(made, bool | np.bool_) or not _is_number(made):
            got = f"an array of shape {made.shape}" if isinstance(made, np.ndarray) else repr(made)
            raise UsageError(
                f"The metric '{self._shown}' returned {got[:80]}, but must return one number."
            )
        number, (low, high) = float(made), self.range
        if not math.isfinite(number):
            return math.nan
        room = 1e-9 * max(1.0, abs(number))
        if not low - room <= number <= high + room:
            raise UsageError(
                f"The metric '{self._shown}' returned {number:g}, but is said to lie from {low:g} to {high:g}. "
                "Correct low and high, or leave them out."
            )
        return number

    def _told(self, error: Exception) -> str:
        frames = traceback.extract_tb(error.__traceback__)
        home = getattr(getattr(self._function, "__code__", None), "co_filename", None)
        # The user's own line rather than the one in a library that it calls.
        at = ([frame for frame in frames if frame.filename == home] or frames)[-1]
        said = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(".:")
        return f"{said} ({Path(at.filename).name}, line {at.lineno})"

    def _check(self, function: Callable[..., Any], given: dict[str, Floats]) -> None:
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):  # compiled functions have none
            return
        try:
            signature.bind("said", "labels", **given)
        except TypeError as error:
            what = {"answer": "answers", "label_score": "label_scores"}.get(self.needs, "scores")
            called = f"({what}, labels, weights=weights)" if given else f"({what}, labels)"
            why = str(error).replace("'said'", f"'{what}'")
            also = "; the data have weights" if given else ""
            raise UsageError(
                f"The metric '{self._shown}' takes {signature}, but is called with {called}{also}: {why}. Let it "
                "take these."
            ) from None

    @cached_property
    def _function(self) -> Callable[..., Any]:
        found = _imported(self.call) if isinstance(self.call, str) else self.call
        if not callable(found):
            raise UsageError(f"'{self._shown}' is no function but a {type(found).__name__}.")
        function: Callable[..., Any] = found
        return function

    @property
    def _file(self) -> Path | None:
        return parted(self.call)[0] if isinstance(self.call, str) else None

    @property
    def _shown(self) -> str:
        if isinstance(self.call, str):
            return self.call
        return str(getattr(self.call, "__qualname__", type(self.call).__qualname__))


def _is_number(made: Any) -> bool:
    return np.ndim(made) == 0 and np.asarray(made).dtype.kind in "iuf"


def _imported(target: str) -> Any:
    try:
        return imported(target)
    except UnderspecError:
        raise
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(".:")
        raise UsageError(f"The file of the metric '{target}' cannot be run: {said}.") from error
