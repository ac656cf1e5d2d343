"""Small made-up tables and records, for the stress tests of named columns."""

import numpy as np

from underspec import data
from underspec.core.records import Data
from underspec.core.streams import stream

COLUMNS = ("creatinine", "sodium", "lactate", "hour_sin", "hour_cos", "age")
LABS = COLUMNS[:3]


def records(examples: int = 48, steps: int = 6, dtype: str = "float32") -> Data:
    """Return records [examples, steps, columns], some not measured; two examples a patient."""
    draw = stream(3, "records", examples).generator()
    values = draw.uniform(1, 5, (examples, steps, len(COLUMNS)))
    values[..., :3][draw.random((examples, steps, 3)) < 0.4] = np.nan
    hours = draw.integers(0, 24, (examples, 1)) + np.arange(steps)
    values[..., 3] = np.sin(2 * np.pi * hours / 24)
    values[..., 4] = np.cos(2 * np.pi * hours / 24)
    return _told(values.astype(dtype), examples)


def table(examples: int = 48) -> Data:
    """Return a table [examples, columns] of the last step of such records."""
    whole = records(examples, dtype="float64")
    return data.of(
        np.ascontiguousarray(whole.inputs[:, -1]),
        whole.labels,
        clusters=whole.clusters,
        groups=whole.groups,
        columns=COLUMNS,
    )


def frame(examples: int = 48) -> Data:
    """Return a data frame with columns of several types."""
    import pandas as pd

    rows = np.arange(examples)
    values = table(examples).inputs
    columns = {
        "creatinine": values[:, 0],
        "sodium": rows % 7 + 130.0,
        "lactate": values[:, 2].astype(np.float32),
        "hour": rows % 24,
        "ward": pd.Series(np.array(["a", "b", None], dtype=object)[rows % 3], dtype=object),
        "unit": pd.array(np.array(["mg", "g"])[rows % 2], dtype="string"),
        "kind": pd.Categorical(np.array(["x", "y"])[rows % 2]),
        "smokes": rows % 2 == 0,
        "visits": pd.array(rows % 4, dtype="Int64"),
    }
    # An index that says nothing and holds rows twice, as that of a bootstrap sample.
    return _told(pd.DataFrame(columns).set_axis(rows[::-1] // 2), examples, ())


def _told(inputs: object, examples: int, columns: tuple[str, ...] = COLUMNS) -> Data:
    rows = np.arange(examples)
    return data.of(
        inputs,
        rows // 2 % 2,
        clusters=[f"patient-{row // 2:03d}" for row in rows],
        groups={
            "site": np.where(rows % 8 < 5, "north", "south"),
            "sex": np.where(rows // 2 % 3 == 0, "f", "m"),
        },
        columns=columns,
    )
