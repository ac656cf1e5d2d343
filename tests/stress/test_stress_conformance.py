"""Every stress test keeps the contract, and the check finds those that do not."""

import random
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from tests.stress.made_up import LABS, frame, records, table

from underspec import stress
from underspec.core.records import Probe
from underspec.stress.published.corruptions import TEST, VALIDATION
from underspec.testing.stress import check_stress, sample_images

NEEDED: dict[str, dict[str, Any]] = {
    "by_group": {"column": "site"},
    "size_matched": {"column": "site", "times": 2},
    "function": {
        "target": lambda image, severity, rng: image // int(rng.integers(2, 3 + severity))
    },
}
IMAGES = sorted([*TEST, *VALIDATION, "rotate"])


# Those read files of their own, and are tested on them: tests/stress/published.
MADE = [row.name for row in stress.table() if ".published." not in row.target]
# These need data of a certain kind: test_pose_cover.py, test_files.py, test_pose_world.py.
MADE = [name for name in MADE if name not in ("background", "files", "pose_world")]
CLOCK = {"sin": "hour_sin", "cos": "hour_cos"}
NAMED: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    "confounded": ({"column": "site", "ratios": [0.8, 0.2]}, (records, table, frame)),
    "missing": ({"shares": [0.2, 0.5]}, (records, table, frame)),
    "panel": ({"columns": LABS, "keep": ["creatinine"]}, (records, table, frame)),
    "sampling_density": ({"columns": LABS}, (records, table, frame)),
    "time_shift": ({"columns": CLOCK}, (records, table)),
    "unit_slip": ({"column": "sodium", "factor": 88.4}, (records, table, frame)),
}
MADE = [name for name in MADE if name not in NAMED]


@pytest.mark.parametrize("name", MADE)
def test_every_member_keeps_the_contract(name):
    """Each row of the table passes the shipped check."""
    check_stress(stress.get(name, **NEEDED.get(name, {})))


@pytest.mark.parametrize("name", NAMED)
def test_members_of_tables_and_records_keep_it(name):
    """So do those that find columns by name, on each form of table that they take."""
    parameters, made = NAMED[name]
    for make in made:
        check_stress(stress.get(name, **parameters), make())


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_image_members_keep_it_on_colour_and_floats(name, dtype):
    """So do the image members on other types, channels and sizes, and with fewer examples."""
    data = sample_images(24, side=50, channels=3)
    if dtype != np.uint8:
        data = data.with_inputs(data.inputs.astype(dtype) / dtype(255))
    check_stress(stress.get(name, examples=10), data)


@dataclass(frozen=True)
class _Shift:
    """A stress test that is right where nothing is overridden."""

    kind: str = "shifted"
    graded: bool = False
    names: tuple = ("shift-1", "shift-2")

    def __call__(self, data, key):
        for severity, name in enumerate(self.names, 1):
            made = data.with_inputs(self.move(data, key, severity))
            yield Probe(name, self.kind, "shift", self.wrap(made), severity=severity)

    def move(self, data, key, severity):
        stream = key.child("shift", severity)
        draws = [int(stream.example(name).integers(1, 5)) for name in data.ids.tolist()]
        step = np.asarray(draws, np.uint8).reshape(-1, 1, 1, 1)
        return (data.inputs // 2) + np.uint8(severity) * step

    def wrap(self, data):
        return data


class _InPlace(_Shift):
    def move(self, data, key, severity):
        data.inputs[0] += 1
        return data.inputs.copy()


class _GlobalNumpy(_Shift):
    def move(self, data, key, severity):
        np.random.rand()  # noqa: NPY002
        return data.inputs


class _GlobalRandom(_Shift):
    def move(self, data, key, severity):
        random.random()
        return data.inputs


class _OneGenerator(_Shift):
    def move(self, data, key, severity):
        return key.generator().integers(0, 9, data.inputs.shape).astype(np.uint8)


class _SharedBuffer(_Shift):
    buffer: dict = {}  # noqa: RUF012  shared on purpose

    def move(self, data, key, severity):
        out = self.buffer.setdefault(data.inputs.shape, np.empty_like(data.inputs))
        out[:] = severity
        return out


class _WholeBatch(_Shift):
    def move(self, data, key, severity):
        return (data.inputs // 2) + np.uint8(data.inputs.mean() // 3)


class _Shuffled(_Shift):
    def wrap(self, data):
        return replace(data, labels=data.labels[::-1].copy())


class _Renamed(_Shift):
    def wrap(self, data):
        return replace(data, ids=np.char.add("x", data.ids))


class _Counting(_Shift):
    calls: list = []  # noqa: RUF012  shared on purpose

    def move(self, data, key, severity):
        self.calls.append(0)
        return data.inputs // 2 + np.uint8(len(self.calls))


class _Weaker(_Shift):
    def move(self, data, key, severity):
        return data.inputs // 2 if severity == 1 else data.inputs - data.inputs // 50


def test_a_sound_stress_test_passes():
    """The broken ones below differ from this one in one thing each."""
    check_stress(_Shift())


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (_InPlace(), "in place"),
        (_GlobalNumpy(), "global generator"),
        (_GlobalRandom(), "global generator"),
        (_OneGenerator(), "order, number or batch"),
        (_WholeBatch(), "order, number or batch"),
        (_SharedBuffer(), "earlier probe changed"),
        (_Shuffled(), "not those of its ids"),
        (_Renamed(), "ids that the data lacks"),
        (_Counting(), "differs between two calls"),
        (_Shift(names=("Shift 1",)), "is not of the form"),
        (_Shift(names=("shift-1-2",)), "is not of the form"),
        (_Shift(names=("shift", "shift")), "one name"),
        (_Shift(names=()), "no probe"),
        (_Shift(kind="holdout"), "kind 'holdout'"),
        (_Weaker(graded=True), "'shift-2' moves them by"),
    ],
)
def test_each_breach_is_found(broken, says):
    """The check names what is wrong."""
    with pytest.raises(AssertionError, match=says):
        check_stress(broken)
