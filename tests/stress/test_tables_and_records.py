"""What the stress tests of named columns change, and what they leave alone."""

import numpy as np
import pytest
from tests.stress.made_up import COLUMNS, LABS, frame, records, table

from underspec import data, stress
from underspec.core.errors import UsageError
from underspec.core.streams import stream

KEY = stream(1, "stress")
CLOCK = {"sin": "hour_sin", "cos": "hour_cos"}


def probes(member, source, /, **parameters):
    return list(stress.get(member, **parameters)(source, KEY))


def edits(probe):
    """Return the references and the edits of a contrastive probe."""
    return (probe.data.take(probe.pairs.side == side) for side in (0, 1))


def only(names, before, after):
    """Say whether inputs are alike, NaN for NaN, but for these columns."""
    others = [at for at, name in enumerate(COLUMNS) if name not in names]
    return np.array_equal(before[..., others], after[..., others], equal_nan=True)


@pytest.mark.parametrize("make", [records, table])
def test_the_clock_moves_and_nothing_else(make):
    """Six hours later at every step, and the day has 24 hours."""
    source = make()
    for probe, hours in zip(
        probes("time_shift", source, columns=CLOCK, hours=[6, 13.5]), (6, 13.5), strict=True
    ):
        before, after = edits(probe)
        angles = [np.arctan2(of.inputs[..., 3], of.inputs[..., 4]) for of in (before, after)]
        moved = (angles[1] - angles[0]) * 24 / (2 * np.pi) % 24
        assert probe.name == f"time_shift-{hours:g}"
        assert probe.severity == hours
        assert data.checksum(before) == data.checksum(source)
        assert np.allclose(moved, hours, atol=1e-5)
        assert only(CLOCK.values(), before.inputs, after.inputs)
        assert after.inputs.dtype == source.inputs.dtype


def test_an_hour_column_wraps_round_midnight():
    """Of a frame as well, where an hour that is missing stays missing."""
    source = frame()
    source.inputs.iloc[0, 3] = 23
    (probe,) = probes("time_shift", source, columns={"hour": "hour"}, hours=6)
    before, after = edits(probe)

    assert after.inputs["hour"].iloc[0] == 5
    assert ((before.inputs["hour"].to_numpy() + 6) % 24 == after.inputs["hour"].to_numpy()).all()
    assert before.inputs.drop(columns="hour").equals(
        after.inputs.drop(columns="hour").set_axis(before.inputs.index)
    )


def test_a_reduced_panel_is_not_measured():
    """What is left out of the panel is NaN at every step, and age is no part of it."""
    source = records()
    (probe,) = probes("panel", source, columns=LABS, keep=["sodium"], name="panel-basic")
    before, after = edits(probe)

    assert (probe.name, probe.family) == ("panel-basic", "panel")
    assert np.isnan(after.inputs[..., [0, 2]]).all()
    assert only(("creatinine", "lactate"), before.inputs, after.inputs)


def test_fewer_samples_are_kept_of_the_measured():
    """A share of what was measured, and what is kept at one share is kept at a larger one."""
    source = records(400)
    found = probes("sampling_density", source, columns=LABS, shares=[0.75, 0.25])
    was, more, fewer = (~np.isnan(of.inputs[..., :3]) for of in (source, *(p.data for p in found)))

    assert [p.name for p in found] == ["sampling_density-0.75", "sampling_density-0.25"]
    assert (fewer <= more).all()
    assert (more <= was).all()
    assert [more.sum() / was.sum(), fewer.sum() / was.sum()] == pytest.approx(
        [0.75, 0.25], abs=0.03
    )
    assert only(LABS, source.inputs, found[0].data.inputs)
    assert np.array_equal(found[0].data.inputs[..., :3][more], source.inputs[..., :3][more])


def test_columns_lose_values_each_by_itself():
    """Naming one column more changes nothing in another."""
    source = table(400)
    (both,) = probes("missing", source, columns=["age", "sodium"], shares=0.3)
    (one,) = probes("missing", source, columns=["age"], shares=0.3)

    assert np.array_equal(both.data.inputs[:, 5], one.data.inputs[:, 5], equal_nan=True)
    assert np.isnan(one.data.inputs[:, 5]).mean() == pytest.approx(0.3, abs=0.07)
    assert only(("age",), source.inputs, one.data.inputs)


def test_a_frame_keeps_its_types():
    """Numbers become NaN, text None, and types stay what a table with holes is read as."""
    source = frame(200)
    source = source.with_inputs(source.inputs.assign(seen=np.datetime64("2020-01-01", "ns")))
    (probe,) = probes("missing", source, shares=0.5)
    kept = source.inputs.dtypes.to_dict() | dict.fromkeys(["hour", "smokes"], np.dtype(float))

    assert probe.data.inputs.dtypes.to_dict() == kept
    assert probe.data.inputs.index.equals(source.inputs.index)
    assert set(map(type, probe.data.inputs["ward"])) == {str, type(None)}
    gone, was = (of.isna().to_numpy() for of in (probe.data.inputs, source.inputs))
    assert (gone >= was).all()
    assert gone[:, 1].mean() == pytest.approx(0.5, abs=0.15)
    stayed = probe.data.inputs["kind"].dropna()
    assert (stayed == source.inputs["kind"][~gone[:, 6]]).all()


@pytest.mark.parametrize("make", [records, table, frame])
def test_all_values_can_go(make):
    """At a share of one nothing is left."""
    (probe,) = probes("missing", make(), shares=1)
    cells = probe.data.inputs

    assert cells.isna().all().all() if hasattr(cells, "iloc") else np.isnan(cells).all()


@pytest.mark.parametrize("make", [records, table, frame])
def test_whole_clusters_slip(make):
    """A patient's values are all in the other unit or none."""
    source = make(400)
    found = probes("unit_slip", source, column="sodium", factor=2, offset=1, shares=[0.2, 0.6])
    slipped = []
    for probe in found:
        before, after = (
            of.inputs["sodium"].to_numpy(float) if hasattr(of.inputs, "iloc") else of.inputs[..., 1]
            for of in (source, probe.data)
        )
        measured = ~np.isnan(before)
        changed = (after != before) & measured
        assert np.allclose(after[changed], before[changed] * 2 + 1)
        slipped.append(
            {
                c
                for c, any_ in zip(source.clusters, changed.reshape(400, -1).any(1), strict=True)
                if any_
            }
        )
        stayed = {
            c
            for c, of in zip(
                source.clusters, (measured & ~changed).reshape(400, -1).any(1), strict=True
            )
            if of
        }
        assert not slipped[-1] & stayed

    assert [p.name for p in found] == ["unit_slip_sodium-0.2", "unit_slip_sodium-0.6"]
    assert slipped[0] < slipped[1]
    assert len(slipped[1]) == pytest.approx(0.6 * 200, abs=25)


@pytest.mark.parametrize(
    ("name", "parameters", "says"),
    [
        ("time_shift", {"columns": {"hour": "clock"}}, "column named 'clock'.* Known: creatinine"),
        ("time_shift", {"columns": {"hour": "age"}, "hours": [24]}, "between 0 and 24"),
        ("time_shift", {"columns": {"sin": "age"}}, "say where the time of day stands"),
        ("time_shift", {"columns": {"sin": "age", "cos": "hour_cos"}}, "no sine or cosine"),
        ("panel", {"columns": ["sodium", "chloride"], "keep": ["sodium"]}, "named 'chloride'"),
        ("panel", {"columns": LABS, "keep": ["age"]}, "of the full panel named 'age'"),
        ("panel", {"columns": LABS, "keep": LABS}, "keeps all of its 3 columns"),
        ("panel", {"columns": LABS, "keep": ["sodium"], "name": "Panel"}, "cannot name a probe"),
        ("panel", {"columns": LABS}, "needs 'keep'"),
        ("sampling_density", {"columns": ["sodum"]}, "Did you mean 'sodium'"),
        ("sampling_density", {"columns": LABS, "shares": [1]}, "between 0 and 1"),
        ("missing", {"columns": ["age", "age"]}, "names of columns, each once"),
        ("missing", {"shares": [0]}, "between 0 and 1"),
        ("missing", {"columns": ["ages"]}, "Did you mean 'age'"),
        ("unit_slip", {"column": "potassium", "factor": 2}, "column named 'potassium'"),
        ("unit_slip", {"column": "sodium", "factor": 0}, "factor other than 0"),
        ("unit_slip", {"column": "sodium", "factor": 1}, "that changes the values"),
    ],
)
def test_wrong_parameters_and_columns_are_refused(name, parameters, says):
    """One sentence, with the columns there are."""
    with pytest.raises(UsageError, match=says):
        probes(name, records(), **parameters)


def test_inputs_without_names_are_refused():
    """Pictures, arrays without names and text where numbers are wanted."""
    with pytest.raises(UsageError, match=r"Name them: .*columns="):
        probes("missing", data.of(np.zeros((4, 2)), [0, 1] * 2))
    with pytest.raises(UsageError, match=r"wants a pandas data frame, or an array"):
        probes("missing", data.of(np.zeros((4, 2, 2, 1)), [0, 1] * 2))
    with pytest.raises(UsageError, match="'ward' holds text"):
        probes("unit_slip", frame(), column="ward", factor=2)
    with pytest.raises(UsageError, match="grey levels"):
        probes("missing", data.of(np.zeros((4, 1), np.uint8), [0, 1] * 2, columns=["x"]))
