"""Events to examples: what they hold, and that no example sees what comes after it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underspec.core.errors import UsageError
from underspec.data.checksum import checksum
from underspec.data.records.windows import Events, Stays, Windows

ITEMS = ("creatinine", "urine_output")


def events(*rows):
    """Rows of (stay, hour, item, value)."""
    columns = [np.asarray(column) for column in zip(*rows, strict=True)]
    return Events(columns[0], columns[1].astype(float), columns[2], columns[3].astype(float))


def stays(onset=(np.inf,), start=8.0, end=80.0):
    n = len(onset)
    return Stays(
        ids=np.asarray([f"s{k}" for k in range(n)]),
        patients=np.asarray([f"p{k // 2}" for k in range(n)]),
        start=np.full(n, start),
        end=np.full(n, end),
        onset=np.asarray(onset, float),
        constants={"age": np.linspace(50, 60, n)},
        groups={"unit": np.asarray(["east"] * n)},
    )


DAILY = [(0, hour, 0, 1.0 + hour / 1000) for hour in (9, 30, 54, 78, 102, 126)]


def test_an_example_holds_what_was_known_in_each_step():
    """Each value stands in the step that it became known in, and constants and clock in all."""
    made = Windows()(events(*DAILY, (0, 36.0, 1, 70.0)), stays(), ITEMS)
    assert made.columns == ("creatinine", "urine_output", "hour_sin", "hour_cos", "age")
    assert made.inputs.dtype == np.float32
    assert made.inputs.shape == (8, 16, 5)
    assert made.ids[0] == "s0-h36"
    first = made.inputs[0]
    measured = np.flatnonzero(np.isfinite(first[:, 0]))
    # The steps end at -9, -6, ... 36: 9 o'clock ends the seventh of them, 30 the fourteenth.
    assert measured.tolist() == [6, 13]
    assert first[measured, 0].tolist() == pytest.approx([1.009, 1.03])
    assert np.flatnonzero(np.isfinite(first[:, 1])).tolist() == [15]
    assert (first[:, 4] == 50).all()
    assert first[15, 2:4].tolist() == pytest.approx([0, -1], abs=1e-6)
    assert first[13, 2:4].tolist() == pytest.approx([1, 0], abs=1e-6)


def test_prediction_times_are_every_six_hours_of_the_clock():
    """From a day after the start to the end of the stay, whatever the minute it began."""
    made = Windows()(events(*DAILY), stays(start=8.4), ITEMS)
    assert [int(name.partition("-h")[2]) for name in made.ids] == [36, 42, 48, 54, 60, 66, 72, 78]
    assert made.groups["time_of_day"].tolist() == ["12-18", "18-24", "00-06", "06-12"] * 2
    assert set(made.groups["unit"]) == {"east"}


def test_the_label_is_an_onset_in_the_horizon_and_nothing_follows_an_onset():
    """Onset at 78: up to 24 no injury yet, from 30 on injury, none from 78 on."""
    made = Windows(after=0)(events(*DAILY), stays(onset=(78.0,), start=0), ITEMS)
    hours = [int(name.partition("-h")[2]) for name in made.ids]
    assert hours == [12, 18, 24, 30, 36, 42, 48, 54, 60, 66, 72]
    assert made.labels.tolist() == [0, 0, 0] + [1] * 8
    assert made.classes == ("no injury", "injury")


def test_examples_whose_label_would_be_a_guess_are_left_out():
    """Without creatinine in the history or in the horizon there is none; judged_by null keeps all."""
    rows = events((0, 9, 0, 1.0), (0, 10, 1, 50.0), (0, 50, 0, 1.0))
    made = Windows()(rows, stays(), ITEMS)
    assert [int(name.partition("-h")[2]) for name in made.ids] == [36, 42, 48]
    assert len(Windows(judged_by=None)(rows, stays(), ITEMS)) == 8
    with pytest.raises(UsageError, match="No example is left"):
        Windows()(events((0, 10, 1, 50.0)), stays(), ITEMS)


def test_sums_are_added_and_of_others_the_last_counts():
    """Three values of one step in any order."""
    rows = [(0, 35, 1, 10.0), (0, 34, 1, 20.0), (0, 36, 1, 5.0)]
    rows += [(0, 36, 0, 1.6), (0, 34, 0, 1.4), (0, 35, 0, 1.5), *DAILY]
    last = Windows(sums=("urine_output",))(events(*rows), stays(), ITEMS).inputs[0, -1]
    assert last[:2].tolist() == pytest.approx([1.6, 35])
    last = Windows()(events(*rows), stays(), ITEMS).inputs[0, -1]
    assert last[:2].tolist() == pytest.approx([1.6, 5])


def test_without_a_clock_there_is_neither_column_nor_group():
    """A source that hides the time of day pretends none."""
    made = Windows(clock=False)(events(*DAILY), stays(), ITEMS)
    assert made.columns == (*ITEMS, "age")
    assert "time_of_day" not in made.groups


def test_stays_of_a_patient_are_one_cluster_and_do_not_mix():
    """No value of one stay stands in another."""
    rows = [(k, h, 0, k + 1.0) for k in range(3) for h in (9, 30, 54, 78, 102)]
    made = Windows()(events(*rows), stays(onset=(np.inf,) * 3), ITEMS)
    for k in range(3):
        own = made.inputs[np.char.startswith(made.ids, f"s{k}-")][..., 0]
        assert set(own[np.isfinite(own)].tolist()) == {k + 1.0}
    assert set(made.clusters[np.char.startswith(made.ids, "s1-")]) == {"p0"}


MANY = st.lists(
    st.tuples(st.integers(0, 2), st.floats(0, 150), st.integers(0, 1), st.floats(0.1, 9)),
    min_size=5,
    max_size=60,
)


@given(MANY, st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_nothing_after_its_time_changes_what_an_example_sees(rows, pick):
    """Whatever is put in place of the future, the inputs of an example stay, to the bit."""
    windows = Windows(judged_by=None, after=0)
    known, of = events(*rows), stays(onset=(np.inf, 60.0, np.inf))
    before = windows(known, of, ITEMS)
    row = pick % len(before)
    now = float(before.ids[row].partition("-h")[2])
    future = known.hours > now
    moved = replace(
        known,
        values=np.where(future, known.values * 7 + 1, known.values),
        hours=np.where(future, now + (known.hours - now) / 3, known.hours),
    )
    after = windows(moved, of, ITEMS)
    assert np.array_equal(before.inputs[row], after.inputs[row], equal_nan=True)


@given(MANY)
@settings(max_examples=40, deadline=None)
def test_history_and_horizon_do_not_overlap(rows):
    """What an example sees is measured up to its time, and the onset that it is told of later."""
    of = stays(onset=(70.0, 60.0, np.inf))
    made = Windows(judged_by=None, after=0)(events(*rows), of, ITEMS)
    now = np.asarray([float(name.partition("-h")[2]) for name in made.ids])
    onset = of.onset[np.asarray([int(name[1]) for name in made.ids])]
    assert (now < onset).all()
    assert ((made.labels == 1) == ((onset > now) & (onset <= now + 48))).all()


@given(MANY, st.randoms())
@settings(max_examples=20, deadline=None)
def test_the_order_of_events_does_not_matter(rows, luck):
    """Shuffled tables give the same examples where no two rows share a time."""
    rows = list({(row[0], round(row[1] * 60), row[2]): row for row in rows}.values())
    shuffled = luck.sample(rows, len(rows))
    windows = Windows(judged_by=None)
    made = [windows(events(*some), stays(onset=(np.inf,) * 3), ITEMS) for some in (rows, shuffled)]
    assert checksum(made[0]) == checksum(made[1])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"every": 4.0}, "multiple of step"),
        ({"history": 0}, "above 0"),
        ({"after": -1.0}, "from 0"),
    ],
)
def test_hours_that_do_not_fit_are_refused(fields, words):
    """Every and history are whole numbers of steps."""
    with pytest.raises(UsageError, match=words):
        Windows(**fields)


def test_strange_stays_and_items_are_refused():
    """An event of no stay, an item without a name, a sum of what is no item."""
    with pytest.raises(UsageError, match="none of the 1"):
        Windows()(events((4, 1, 0, 1.0)), stays(), ITEMS)
    with pytest.raises(UsageError, match="none of the 2"):
        Windows()(events((0, 1, 7, 1.0)), stays(), ITEMS)
    with pytest.raises(UsageError, match="none of the items"):
        Windows(sums=("water",))(events(*DAILY), stays(), ITEMS)
