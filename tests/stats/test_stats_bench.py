"""The benchmark of the statistics compares things that do the same."""

import pytest
from bench.stats import CONTENDERS, Grown, Size, answers, compared, figures, plot, show

SMALL = Size(variants=20, examples=300, probes=2, resamples=200)


@pytest.mark.parametrize("name", ["loop", "scipy"])
def test_the_loops_intervals_are_about_as_wide_as_ours(name):
    """Means within a quarter, spreads within a half: the loops leave the noise in."""
    made = [answers(SMALL, probe) for probe in range(3)]
    ours, theirs = CONTENDERS["us"](SMALL, made), CONTENDERS[name](SMALL, made)

    assert theirs[0] == pytest.approx(ours[0], rel=0.25)
    assert theirs[1] == pytest.approx(ours[1], rel=0.5)


def test_the_loops_figures_are_those_of_the_definitions():
    """Mean, drop, spread, gap and ratio of three variants by hand."""
    import numpy as np

    got = figures(np.array([0.8, 0.9, 1.0]), np.array([0.5, 0.6, 0.9]))

    assert got == pytest.approx([2 / 3, 0.9 - 2 / 3, 0.2081666, 0.8 / 3, 2.081666])


def test_the_table_scales_the_loops_up_and_says_so_of_all(capsys):
    """Runs on one probe count for all; every contender has a line, every size a bar."""
    size = Size(variants=12, examples=60, probes=3, resamples=20)
    rows = compared(size, 1, 1)
    show(size, rows)
    plot([Grown("variants", 5, 60, 3, 1.0, None), Grown("variants", 10, 60, 3, 4.0, 2.0)])
    text = capsys.readouterr().out

    assert [row.contender for row in rows] == ["us", "loop", "scipy"]
    assert rows[0].times_ours == 1
    assert all(row.seconds > 0 and row.peak > 1 << 20 for row in rows)
    assert "scipy" in text
    assert text.count("#") == 1 + 25
