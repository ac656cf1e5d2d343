"""Parquet and CSV files, read in batches."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from underspec.core.errors import UsageError
from underspec.data.predictions.columns import Layout, layout

__all__ = ["Table"]

_CELLS = 1 << 21
"""Cells read at once, so that a file of many columns takes no more memory than one of few."""

_BLOCK = 1 << 24
"""Bytes of CSV read at once."""


class Table:
    """One file of predictions.

    Args:
        path: a path or fsspec URL; Parquet or CSV is told by the content.
        numbers: columns of a CSV that hold numbers, beside those of scores.

    Raises:
        UsageError: there is no such file, or it is no readable table with the right columns.
    """

    def __init__(self, path: str | Path, numbers: Collection[str] = ()) -> None:
        self.file = repr(str(path))
        self._path = str(path)
        self._numbers = frozenset(numbers)
        with self._telling(), self._open() as file:
            self._parquet = file.read(4) == b"PAR1"
        self.layout: Layout = layout(self._names(), self.file)

    def batches(self, columns: Sequence[str]) -> Iterator[Any]:
        """Yield the rows in file order as record batches of these columns.

        Raises:
            UsageError: the file is cut short or a value does not suit its column.
        """
        with self._telling(), self._open() as file:
            if self._parquet:
                import pyarrow.parquet as pq

                # Buffering ahead would hold the whole file at once.
                whole = pq.ParquetFile(file, pre_buffer=False)
                rows = max(_CELLS // len(columns), 1 << 12)
                for batch in whole.iter_batches(batch_size=rows, columns=list(columns)):
                    # By name, as no version promises the order asked for.
                    yield batch.select(list(columns))
            else:
                yield from self._csv(file, columns, _BLOCK)

    def _names(self) -> list[str]:
        with self._telling(), self._open() as file:
            if self._parquet:
                import pyarrow.parquet as pq

                names = [str(name) for name in pq.ParquetFile(file).schema_arrow.names]
                # The index that pandas writes unasked holds nothing of ours.
                return [name for name in names if name != "__index_level_0__"]
            names = [str(name) for name in self._csv(file, None, 1 << 20).schema.names]
        if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
            raise UsageError(
                f"{self.file} seems not to be separated by commas: its first line is {names[0]!r}."
            )
        return names

    def _csv(self, file: Any, columns: Sequence[str] | None, block: int) -> Any:
        import pyarrow as pa
        from pyarrow import csv

        # Text stays text, as `007` must not become 7.
        types = {
            name: pa.float64() if name.startswith("score") or name in self._numbers else pa.string()
            for name in columns or ()
        }
        return csv.open_csv(
            file,
            read_options=csv.ReadOptions(block_size=block),
            convert_options=csv.ConvertOptions(
                include_columns=None if columns is None else list(columns),
                column_types=types,
                strings_can_be_null=False,
            ),
        )

    def _open(self) -> Any:
        if "://" in self._path:
            import fsspec

            return fsspec.open(self._path, "rb", compression="infer").open()
        if self._path.endswith(".gz"):
            import gzip

            return gzip.open(self._path, "rb")
        return Path(self._path).open("rb")

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Turn what a file may do to us into one sentence."""
        import pyarrow as pa

        try:
            yield
        except FileNotFoundError:
            raise UsageError(f"There is no file {self.file}.") from None
        except IsADirectoryError:
            raise UsageError(f"{self.file} is a folder: name the files in it.") from None
        except (pa.ArrowException, OSError, EOFError, UnicodeError) as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            if "Empty CSV" in said:
                raise UsageError(f"{self.file} is empty.") from None
            raise UsageError(
                f"{self.file} cannot be read as Parquet or CSV; it may be cut short: {said}"
            ) from error
