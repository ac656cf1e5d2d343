"""Examples as a user's function changes them, one at a time."""

import hashlib
import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.by_name import beside
from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy, Reading
from underspec.core.streams import Stream

__all__ = ["Called"]

_one_at_a_time = threading.RLock()


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
            UsageError: the function returns something else than an example of this kind.
        """
        out = np.empty((len(rows), *self.shape), self.dtype)
        examples, stream = np.asarray(self.source[rows]), Stream(self.path)
        # Users' code need not be safe in threads; nor is what `beside` does.
        with _one_at_a_time, nullcontext() if self.file is None else beside(self.file):
            for at, (example, name) in enumerate(zip(examples, self.ids[rows], strict=True)):
                rng = stream.example(str(name))
                made = self.function(example.copy(), self.severity, rng, **self.parameters)
                out[at] = self._checked(made, str(name))
        return out

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
