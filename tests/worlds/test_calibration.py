"""The calibration table: what it counts, what it says of it, and a thin form of the whole."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from tests.worlds.rates import fewest, most, tell
from underspec.testing.calibration import (
    Calls,
    Counted,
    Covered,
    cells,
    count,
    counted,
    page,
)
from underspec.testing.calibration.count import INTERVALS, OF_POOLS
from underspec.testing.worlds import Crowd

ROOT = Path(__file__).parents[2]
CELLS = {cell.name: cell for cell in cells()}
SMALL = replace(
    CELLS["normal-k10-n300"],
    world=replace(CELLS["normal-k10-n300"].world, crowd=Crowd(variants=10, images=40)),
)
# Cells and studies of the thin form: some 70 s on one core.
THIN = {
    "normal-k10-n300": 300,
    "normal-k20-n2000": 300,
    "normal-k50-n10000": 60,
    "exponential-k20-n2000": 300,
    "t5-k20-n2000": 300,
    "even-k20-n2000": 300,
    "uneven-k50-n2000": 300,
    "shared-k20-n300": 300,
    "rows-k20-n1200": 300,
    "pocket-k50-n300": 300,
    "auc-10-98-k20-n300": 150,
    "auc-10-50-k20-n2000": 60,
    "null": 40,
    "mirror-changed": 40,
    "boundary-gap-normal": 40,
    "boundary-gap-t5": 40,
    "boundary-ratio-normal": 40,
    "power-90": 300,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", THIN)
def test_a_thin_form_of_the_table(name):
    """Fewer cells and studies of the same code: nothing falls significantly short of its target.

    A count fails beyond the 1 % point of the binomial distribution at the target.
    """
    cell, number = CELLS[name], THIN[name]
    done = count(cell, number)
    if done.calls is None:
        shares = {key: f"{100 * one.share:.1f}" for key, one in done.covered.items()}
        tell(f"{name}, {number} studies: {shares}")
        for key, one in done.covered.items():
            held = one.studies - one.above - one.below
            assert one.studies == number, key
            assert held >= fewest(cell.target, number), key
    elif cell.kind == "false":
        tell(f"{name}, {number} studies: {done.calls.called} with a false call")
        assert done.calls.called <= most(cell.target, number)
        assert done.calls.able >= 0.9 * number
    else:
        tell(f"{name}, {number} studies: power {done.calls.within / number:.2f}")
        assert done.calls.within >= fewest(cell.target, number)


def test_cells_have_names_of_their_own_and_worlds_of_the_sizes_they_say():
    """Names are unique, since streams and files hang on them; k and n are those of the world."""
    every = cells()

    assert len(CELLS) == len(every)
    for cell in every:
        crowd = getattr(cell.world, "crowd", None)
        k = cell.world.variants if crowd is None else crowd.variants
        n = cell.world.images if crowd is None else crowd.images * crowd.rows
        assert (cell.k, cell.n) == (k, n), cell.name


def test_reliability_of_the_power_cells_is_what_they_say():
    """The number of images is reckoned from Owen's T; 25 studies average about it.

    The mean of estimates lies a little below the truth, since noise is divided by a sample variance.
    """
    for name, wanted in (("power-90", 0.9), ("power-50", 0.5)):
        got = count(CELLS[name], 25).calls.reliability
        assert wanted - 0.12 < got < wanted + 0.02, name


def test_counts_are_kept_and_reused(tmp_path):
    """A second call reads the file; another number of studies is another file."""
    first = counted(SMALL, 3, tmp_path)
    (file,) = tmp_path.glob("*.json")
    flat = json.loads(file.read_text())
    file.write_text(json.dumps({**flat, "seconds": -1.0}))

    again = counted(SMALL, 3, tmp_path)
    other = counted(SMALL, 4, tmp_path)

    assert again == replace(first, seconds=-1.0)
    assert other.studies == 4
    assert len(list(tmp_path.glob("*"))) == 2


def test_counts_hang_on_nothing_but_the_cell():
    """The same twice, and every miss is counted once."""
    once, twice = count(SMALL, 5), count(SMALL, 5)

    assert replace(once, seconds=0) == replace(twice, seconds=0)
    for one in once.covered.values():
        assert one.studies == 5
        assert one.share == 1 - (one.above + one.below) / 5


def test_an_infinite_width_survives_being_written():
    """Half the ratios of so few images have no upper end."""
    one = Counted("x", 2, 0.5, {"ratio": Covered(2, 1, 0, math.inf, 2.0)})

    assert Counted.from_json(json.loads(json.dumps(one.to_json()))) == one


def _made(cell, *, held=1.0, called=0.0):
    """Return counts of a cell as if that share of intervals held and that share of calls was made."""
    number = 1000
    missed = round((1 - held) * number)
    if cell.kind in ("coverage", "kept"):
        names = INTERVALS if cell.kind == "coverage" else OF_POOLS
        covered = {name: Covered(number, missed, 0, 0.01, 0.02) for name in names}
        return Counted(cell.name, number, 1.0, covered)
    share = held if cell.kind == "power" else called
    calls = Calls(round(called * number), number, number, 20, round(share * number), 0.9)
    return Counted(cell.name, number, 1.0, calls=calls)


def _reached(text, promise):
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {promise}")]
    return line.rstrip(" |").rsplit("| ", 1)[1]


def test_the_page_says_yes_only_where_every_cell_reaches_its_target():
    """One cell short, by far or by little, shows in the summary with its name."""
    every = cells()
    good = [(cell, _made(cell, held=0.95, called=0.03)) for cell in every]

    def with_one(name, **made):
        return page([(c, _made(c, **made) if c.name == name else d) for c, d in good], "Made.")

    assert _reached(page(good, "Made."), "Coverage, normal") == "yes"
    assert _reached(page(good, "Made."), "Studies with") == "yes"
    far = with_one("normal-k20-n2000", held=0.80)
    assert _reached(far, "Coverage, normal") == "**no**"
    assert "spread: normal, k = 20, n = 2,000" in far
    little = with_one("normal-k20-n2000", held=0.925)
    assert _reached(little, "Coverage, normal") == "within two errors"
    assert _reached(with_one("null", called=0.2), "Studies with") == "**no**"
    assert _reached(with_one("power-90", held=0.5), "Power") == "**no**"


def test_the_page_in_the_docs_is_of_these_cells():
    """It has as many rows as there are cells, each with its title, and a row of width a cover."""
    text = (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8")
    rows = [line.split(" | ")[0].lstrip("| ") for line in text.splitlines() if line[:2] == "| "]
    wanted = [cell.what for cell in cells()]

    assert [row for row in rows if row in wanted] != []
    for what in set(wanted):
        kinds = [cell.kind for cell in cells() if cell.what == what]
        assert rows.count(what) == sum(2 if kind == "coverage" else 1 for kind in kinds), what
