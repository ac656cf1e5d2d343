"""The benchmark of the corruptions runs from end to end."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bench.rival_client import WANTED, installed

BENCH = Path(__file__).parents[2] / "bench" / "stress.py"


def _rows(tmp_path, *more):
    out = tmp_path / "rows.json"
    command = [sys.executable, str(BENCH), "--quick", "--json", str(out), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "| contrast |" in done.stdout
    return json.loads(out.read_text())


def test_the_bench_times_ours_alone(tmp_path):
    """Without the other packages it gives our rate and our memory."""
    found = _rows(tmp_path, "--rivals", "none")
    (row,) = found["rows"]

    assert (row["name"], row["side"], row["theirs"], row["times"]) == ("contrast", 32, {}, None)
    assert row["us"] > 0
    assert found["memory"].keys() <= {"contrast"}


@pytest.mark.slow
def test_the_bench_times_everyone(tmp_path):
    """With the other packages it gives their rates, and ours in parts of the fastest."""
    if not installed():
        pytest.skip(WANTED)
    (row,) = _rows(tmp_path)["rows"]

    assert set(row["theirs"]) == {"imagecorruptions", "corrupt_tta", "imgcorr"}
    assert row["fastest"] == max(row["theirs"], key=row["theirs"].get)
    assert row["times"] == pytest.approx(row["us"] / row["theirs"][row["fastest"]])
