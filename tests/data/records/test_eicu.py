"""eICU is read from the official folder: minutes from unit admission, hospitals, clock times."""

import numpy as np
import pytest
from tests.data.records import layouts

from underspec import data
from underspec.core.errors import UsageError

LABS = [
    (501, -600, "creatinine", 1.0, -590),
    (501, 300, "creatinine", 1.0, 320),
    (501, 1700, "creatinine", 1.1, 1800),
    (501, 3000, "creatinine", 1.2, 3010),
    (501, 4000, "creatinine", 2.1, 4010),
    (501, 1500, "BUN", 22, 1510),
    (501, 1500, "Hgb", 10.4, 1510),
    (501, 1500, "magnesium", 2, 1510),
    (502, 100, "creatinine", 0.7, 100),
    (502, 1800, "creatinine", 0.7, 1800),
    (502, 3900, "creatinine", 0.7, 3900),
    (999, 100, "creatinine", 3.0, 100),
]


@pytest.fixture
def root(tmp_path):
    return layouts.eicu(tmp_path, LABS)


def test_offsets_become_hours_of_the_day(root):
    """The clock is that of the unit: 8:30 and 24 hours later, the first full six hours are 36."""
    made = data.get("eicu", path=root)()
    first = made.ids[made.clusters == "002-1"].tolist()
    assert first[0] == "eicu-501-h36"
    # The rise is drawn 4000 minutes after 8:30, at hour 75.2.
    assert first[-1] == "eicu-501-h72"
    assert made.labels[made.clusters == "002-1"].tolist() == [1] * len(first)
    assert not made.labels[made.clusters == "002-2"].any()
    row = made.ids.tolist().index("eicu-501-h36")
    urea = made.inputs[row, :, made.columns.index("urea")]
    # Known 1510 minutes after 8:30, at hour 33.7: in the step from 33 to 36.
    assert urea[-1] == 22
    assert np.isnan(urea[:-1]).all()


def test_groups_are_hospital_region_and_teaching(root):
    """Hospitals bring their region, size and whether they teach; an age over 89 is 90."""
    made = data.get("eicu", path=root)()
    row = made.clusters.tolist().index("002-1")
    got = {name: str(column[row]) for name, column in made.groups.items() if name != "time_of_day"}
    assert got == {
        "hospital": "73", "region": "Midwest", "teaching": "yes", "beds": ">= 500", "unit": "MICU",
        "sex": "female", "age_band": "80+",
    }  # fmt: skip
    assert made.inputs[row, 0, -1] == 90
    assert "no" in made.groups["teaching"].tolist()


def test_unpacked_tables_are_read_too(tmp_path):
    """A folder of .csv files gives the same as one of .csv.gz."""
    packed = data.get("eicu", path=layouts.eicu(tmp_path / "a", LABS))()
    layouts.eicu(tmp_path / "b", LABS)
    for path in sorted((tmp_path / "b").glob("*.gz")):
        import gzip

        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    plain = data.get("eicu", path=str(tmp_path / "b"))()
    np.testing.assert_array_equal(packed.inputs, plain.inputs)


def test_a_table_is_read_once_until_it_changes(tmp_path, root):
    """Asked again, a reader does not read again; a changed file is noticed."""
    first = data.get("eicu", path=root)()
    assert data.get("eicu", path=root)() is first
    layouts.eicu(tmp_path, [*LABS, (502, 4500, "creatinine", 1.5, 4500)])
    assert data.get("eicu", path=root)().labels.sum() > first.labels.sum()


def test_nothing_to_read_is_said(tmp_path, root):
    """No result of the items, or no stay of the part, is one sentence."""
    layouts.table(tmp_path / "lab.csv.gz", layouts.EICU_LAB, [{"labid": 1, "patientunitstayid": 501,
                  "labresultoffset": 3, "labname": "magnesium", "labresult": 2}])  # fmt: skip
    with pytest.raises(UsageError, match="No result of the items"):
        data.get("eicu", path=root)()
    (tmp_path / "hospital.csv.gz").unlink()
    with pytest.raises(UsageError, match=r"lacks hospital\.csv\.gz"):
        data.get("eicu", path=root)()
