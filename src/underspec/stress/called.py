"""Examples as a user's function changes them, one at a time."""

import hashlib
import inspect
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.by_name import beside
from underspec.core.errors import UnderspecError, UsageError
from underspec.core.lazy import Lazy, Reading
from underspec.core.records import Data
from underspec.core.streams import Stream

__all__ = ["Called", "check_call", "each_example"]

_TRIED = 3
_one_at_a_time = threading.RLock()


def each_example(
    data: Data,
    function: Callable[..., Any],
    severity: float,
    stream: Stream,
    *,
    parameters: Mapping[str, Any] | None = None,
    shown: str = "",
    file: Path | None = None,
) -> Data:
    """Return the data with each example as a function changes it: for stress tests of one's own.

    Inputs that are read when needed are also changed when needed; of these, the first few are
    changed at once, so that a function that fails is found here.

    Args:
        data: with inputs in an array, or `Lazy`.
        function: called as ``function(example, severity, rng, **parameters)``; gets a copy that it
            may write into and the example's own generator, and returns the example changed, of the
            same shape and type.
        severity: its second argument.
        stream: that examples draw from, one for each probe, such as ``key.child("rain", severity)``.
        parameters: its keyword arguments.
        shown: what messages call the function; its own name where empty.
        file: where it stands, whose neighbours it may import; None where there is no file.

    Raises:
        UsageError: the inputs are a data frame, or the function cannot be called, fails, or returns
            something else than an example of this kind.
    """
    name = shown or str(getattr(function, "__qualname__", type(function).__qualname__))
    if not isinstance(data.inputs, np.ndarray | Lazy):
        raise UsageError(
            f"'{name}' is to change one example at a time, which takes inputs in an array, but they are "
            f"of type {type(data.inputs).__name__}."
        )
    given = dict(parameters or {})
    check_call(function, name, ("example", "severity", "rng"), given)
    called = Called(data.inputs, data.ids, function, given, severity, stream.path, name, file)
    if isinstance(data.inputs, Lazy):
        called.read(np.arange(min(_TRIED, len(called)), dtype=np.intp))
    return data.with_inputs(called.inputs())


def check_call(
    function: Callable[..., Any],
    shown: str,
    arguments: tuple[str, ...],
    parameters: Mapping[str, Any],
) -> None:
    """Check that a function takes these arguments, where Python can tell.

    Args:
        function: the function.
        shown: what messages call it.
        arguments: what the positional ones are called.
        parameters: keyword arguments.

    Raises:
        UsageError: it does not.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # compiled functions have none
        return
    try:
        signature.bind(*arguments, **parameters)
    except TypeError as error:
        call = ", ".join([*arguments, *(f"{name}={value!r}" for name, value in parameters.items())])
        raise UsageError(
            f"'{shown}' takes {signature}, but is called with ({call}): {error}. Let it take these."
        ) from None


@dataclass(frozen=True, eq=False)
class Called(Reading):
    """Inputs changed by a function; those that are read when needed are also changed when needed.

    Attributes:
        source: the examples, [examples, ...].
        ids: theirs.
        function: called as ``function(example, severity, rng, **parameters)``.
        parameters: its keyword arguments.
        severity: its second argument.
        path: of the stream that examples draw from.
        shown: what messages call the function.
        file: where it stands, whose neighbours it may import; None where there is no file.
    """

    source: NDArray[Any] | Lazy
    ids: NDArray[np.str_]
    function: Callable[..., Any]
    parameters: Mapping[str, Any]
    severity: float
    path: tuple[int | str, ...]
    shown: str
    file: Path | None

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one example: the function may not change it."""
        return self.source.shape[1:]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the values: the function may not change it."""
        return self.source.dtype

    def __len__(self) -> int:
        return len(self.source)

    def inputs(self) -> Any:
        """Return all of them, an array or `Lazy` as the source is."""
        if isinstance(self.source, Lazy):
            return Lazy.of(self)
        return self.read(np.arange(len(self.source), dtype=np.intp))

    def read(self, rows: NDArray[np.intp]) -> NDArray[Any]:
        """Return the examples at `rows` changed.

        Raises:
            UsageError: the function fails, or returns something else than an example of this kind.
        """
        out = np.empty((len(rows), *self.shape), self.dtype)
        examples, stream = np.asarray(self.source[rows]), Stream(self.path)
        # Users' code need not be safe in threads; nor is what `beside` does.
        with _one_at_a_time, nullcontext() if self.file is None else beside(self.file):
            for at, (example, name) in enumerate(zip(examples, self.ids[rows], strict=True)):
                rng = stream.example(str(name))
                out[at] = self._checked(self._made(example.copy(), rng, str(name)), str(name))
        return out

    def _made(self, example: NDArray[Any], rng: np.random.Generator, name: str) -> Any:
        try:
            return self.function(example, self.severity, rng, **self.parameters)
        except UnderspecError:
            raise
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            home = getattr(getattr(self.function, "__code__", None), "co_filename", None)
            # The user's own line rather than the one in a library that it calls.
            at = ([frame for frame in frames if frame.filename == home] or frames)[-1]
            said = f"{type(error).__name__}: {error}".strip().rstrip(".:")
            raise UsageError(
                f"'{self.shown}' failed for the example '{name}' at severity {self.severity:g}: {said} "
                f"({Path(at.filename).name}, line {at.lineno})."
            ) from error

    def digest(self, rows: NDArray[np.intp]) -> str:
        """Return a hash of the examples and how the function is called.

        Its code, which may be spread over files, is hashed by the study.
        """
        before = self.source[rows].digest() if isinstance(self.source, Lazy) else ""
        said = (before, self.severity, self.path, self.ids[rows].tolist(), dict(self.parameters))
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def _checked(self, made: Any, name: str) -> NDArray[Any]:
        got = np.asarray(made)
        whole = self.dtype.kind != "f"
        if got.dtype != self.dtype if whole else got.dtype.kind not in "fiub":
            raise self._wrong(name, f"type {got.dtype}", f"{self.dtype}, as it got")
        if got.shape != self.shape:
            raise self._wrong(name, f"shape {list(got.shape)}", f"{list(self.shape)}, as it got")
        if not whole and not np.isfinite(got).all():
            raise self._wrong(name, "values that are not finite", "numbers")
        return got

    def _wrong(self, name: str, got: str, wanted: str) -> UsageError:
        return UsageError(
            f"'{self.shown}' returned {got} for the example '{name}', but must return {wanted}."
        )
