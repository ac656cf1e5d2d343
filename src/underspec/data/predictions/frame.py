"""A data frame with the columns of the exchange format."""

from collections.abc import Iterator, Sequence
from typing import Any

from underspec.core.errors import UsageError
from underspec.data.predictions.columns import Layout, layout

__all__ = ["FrameTable"]

_CELLS = 1 << 21


class FrameTable:
    """Predictions in a frame that narwhals reads: pandas, polars, pyarrow and others.

    Args:
        frame: a row a probe, variant and example.

    Raises:
        UsageError: it is no frame in memory, or has not the right columns.
    """

    file = "the frame"

    def __init__(self, frame: Any) -> None:
        import narwhals as nw

        try:
            self._frame = nw.from_native(frame, eager_only=True)
        except TypeError:
            kind = type(frame)
            raise UsageError(
                f"Predictions must be files or a data frame in memory, such as one of pandas or "
                f"polars, but are {kind.__module__.partition('.')[0]}'s {kind.__name__}."
            ) from None
        self.layout: Layout = layout([str(name) for name in self._frame.columns], self.file)

    def batches(self, columns: Sequence[str]) -> Iterator[Any]:
        """Yield the rows in order as record batches of these columns.

        Raises:
            UsageError: a column holds things of different types.
        """
        import pyarrow as pa

        each = max(_CELLS // len(columns), 1 << 12)
        for begin in range(0, len(self._frame), each):
            try:
                part = self._frame[begin : begin + each].select(*columns).to_arrow()
            except (pa.ArrowException, TypeError, ValueError) as error:
                raise UsageError(
                    f"{self.file} has a column that cannot be read: {str(error).splitlines()[0]}"
                ) from None
            # Pieces of one column may have dictionaries of their own.
            yield from part.select(list(columns)).combine_chunks().to_batches()
