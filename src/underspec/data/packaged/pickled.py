"""Data frames out of pickles, without letting a pickle run anything else."""

import io
import pickle
from typing import Any

import numpy as np

from underspec.core.errors import UsageError

__all__ = ["frame"]

_ALLOWED = frozenset(
    {
        ("builtins", "slice"),
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy.core.numeric", "_frombuffer"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.numeric", "_frombuffer"),
        # Newer versions of pandas name their classes after the package.
        *(
            ("pandas", name)
            for name in ("Categorical", "CategoricalDtype", "DataFrame", "Index", "RangeIndex")
        ),
        ("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"),
        ("pandas._libs.internals", "_unpickle_block"),
        ("pandas.core.arrays.categorical", "Categorical"),
        ("pandas.core.arrays.integer", "IntegerArray"),
        ("pandas.core.arrays.integer", "Int32Dtype"),
        ("pandas.core.arrays.integer", "Int64Dtype"),
        ("pandas.core.dtypes.dtypes", "CategoricalDtype"),
        ("pandas.core.frame", "DataFrame"),
        ("pandas.core.indexes.base", "Index"),
        ("pandas.core.indexes.base", "_new_Index"),
        ("pandas.core.indexes.range", "RangeIndex"),
        ("pandas.core.internals.managers", "BlockManager"),
    }
)


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise UsageError(
                f"The pickle asks for {module}.{name}, which is no part of a data frame; it is not read."
            )
        if module.startswith("numpy.core.") and int(np.__version__.split(".")[0]) >= 2:
            module = module.replace("numpy.core.", "numpy._core.")  # its name from version 2 on
        return super().find_class(module, name)


def frame(raw: bytes) -> Any:
    """Return the pandas data frame of a pickle; nothing but the parts of one can be made.

    Raises:
        UsageError: the pickle holds anything else, or is damaged, or pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise UsageError(
            "This data set comes as a pickle of a data frame, which needs pandas to convert it once. Install it: "
            "pip install pandas"
        ) from None
    try:
        made = _Unpickler(io.BytesIO(raw)).load()
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001  a damaged pickle raises anything
        raise UsageError(
            f"The pickle is damaged, or of another pandas: {type(error).__name__}: {error}"
        ) from None
    if not isinstance(made, pd.DataFrame):
        raise UsageError(f"The pickle holds a {type(made).__name__}, not a data frame.")
    return made
