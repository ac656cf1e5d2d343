"""Examples from a function in a user's file."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from underspec.core.by_name import beside, imported, parted
from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.arrays import checked, of

__all__ = ["Call"]


@dataclass(frozen=True)
class Call(Reader):
    """Runs ``file.py:function``, which returns `Data` or ``(inputs, labels)``.

    The file is the user's own code and runs with the user's rights.

    Attributes:
        target: path of the file, a colon, and the name of a function in it.
        parameters: keyword arguments of the function.
        notice: licence and attribution for reports.
    """

    target: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    notice: str | None = None

    def __post_init__(self) -> None:
        parted(self.target)

    def __call__(self) -> Data:
        """Import the file, call the function, check what it returns.

        Raises:
            UsageError: no such file or function, wrong parameters, or the result makes no data
                set. What the file or the function itself raises comes through unchanged.
        """
        function = imported(self.target)
        if not callable(function):
            raise UsageError(f"'{self.target}' is no function but a {type(function).__name__}.")
        self._bind(function)
        with beside(parted(self.target)[0]):
            made = function(**self.parameters)
        if isinstance(made, Data):
            return checked(made)
        if isinstance(made, tuple) and len(made) == 2:
            return of(*made)
        got = f"a tuple of {len(made)}" if isinstance(made, tuple) else type(made).__name__
        raise UsageError(
            f"'{self.target}' returned {got}, but must return (inputs, labels) or the result of "
            f"underspec.data.of(inputs, labels, ...)."
        )

    def _bind(self, function: Callable[..., Any]) -> None:
        try:
            inspect.signature(function).bind(**self.parameters)
        except TypeError as error:
            raise UsageError(
                f"'{self.target}' cannot be called with these parameters: {error}. Set them under "
                f"parameters: in the study."
            ) from None
