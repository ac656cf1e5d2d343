"""The benchmark of the engine runs from end to end."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytestmark = pytest.mark.torch

BENCH = Path(__file__).parents[2] / "bench" / "engine.py"


@pytest.mark.slow
def test_the_bench_times_all_contenders(tmp_path):
    """One short run gives a row for training and one for prediction, in a table and as JSON."""
    sizes = ["--runs", "1", "--steps", "2", "--probe", "200", "--workers", "1", "--batch", "32"]
    out = tmp_path / "rows.json"
    command = [sys.executable, str(BENCH), *sizes, "--models", "mlp", "--json", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    rows = json.loads(out.read_text())["rows"]
    found = {(row["work"], row["precision"]) for row in rows}
    assert found == {("train", "f32"), ("predict", "f32"), ("train", "bf16"), ("predict", "bf16")}
    assert all(row["seconds_us"] > 0 and row["peak_share"] > 0 for row in rows)
    assert "us vs a" in done.stdout
