"""The setting `pretrain`: an earlier training on other data, checked without importing PyTorch."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from underspec.core.errors import UsageError, one_of
from underspec.core.lazy import whole
from underspec.core.records import Data
from underspec.data.checksum import checksum
from underspec.data.inner import reader

__all__ = ["Pretrain"]

_KEYS = ("reader", "epochs")


@dataclass(frozen=True, eq=False)
class Pretrain:
    """What is trained first.

    Attributes:
        reader: brings the data, or the data itself.
        epochs: times that each of its rows is seen.
    """

    reader: Any
    epochs: int

    @classmethod
    def parse(cls, given: Any) -> "Pretrain":
        """Read ``{reader: {name: {parameter: value}}, epochs: n}``.

        In Python the reader may be one itself, or `Data`.

        Raises:
            UsageError: a key is missing or not known, or there is no such reader.
        """
        if not isinstance(given, Mapping):
            raise UsageError(
                f"Write pretrain: {{reader: {{name: {{...}}}}, epochs: n}}. Got {given!r}."
            )
        for key in given:
            if key not in _KEYS:
                raise UsageError(one_of("setting of pretrain", key, _KEYS))
        for key in _KEYS:
            if key not in given:
                raise UsageError(
                    f"pretrain needs {key}: {{reader: {{name: {{...}}}}, epochs: n}}. Got {dict(given)!r}."
                )
        epochs = given["epochs"]
        if not isinstance(epochs, int) or isinstance(epochs, bool) or epochs < 1:
            raise UsageError(f"epochs of pretrain must be a whole number from 1. Got {epochs!r}.")
        return cls(reader(given["reader"], "The data of pretrain"), epochs)

    @property
    def notice(self) -> str | None:
        """Licence and attribution of the data, None where there is none."""
        return getattr(self.reader, "notice", None)

    def read(self) -> Data:
        """Return the data, read into memory.

        Raises:
            UsageError: it cannot be read.
        """
        data: Data = self.reader if isinstance(self.reader, Data) else self.reader()
        return replace(data, inputs=whole(data.inputs))

    def checksum(self) -> str:
        """Return the sha256 of the data."""
        return checksum(self.read())
