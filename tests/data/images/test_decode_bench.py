"""The benchmark of decoding runs from end to end."""

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[3] / "bench" / "decode.py"


@pytest.mark.slow
def test_the_bench_reads_the_same_pixels_three_ways():
    """A few files give a row for each contender; different pixels would end it."""
    command = [sys.executable, str(BENCH), "--count", "12", "--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    assert [row.split("|")[1].strip() for row in rows] == [
        "reader",
        "plain Pillow loop",
        "ImageFiles, 1 thread",
        "ImageFiles, 2 threads",
    ]
    assert all(float(row.split("|")[2]) > 0 for row in rows[1:])
