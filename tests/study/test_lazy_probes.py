"""Probes that are read when needed: the same in every process, or the study says so."""

import numpy as np
import pytest

from underspec import data
from underspec.core.errors import MissingExtraError, StudyError, UsageError
from underspec.core.lazy import Lazy
from underspec.core.records import Probe
from underspec.core.store import Store
from underspec.data.checksum import checksum
from underspec.study.probing import ProbeCache, enumerate_probes, stress_key

SEED = 1


class _Rows:
    """Images that are read when needed, with values that can change behind the scenes."""

    shape, dtype = (8, 8, 1), np.dtype(np.uint8)

    def __init__(self, images):
        self.images = images

    def __len__(self):
        return len(self.images)

    def read(self, rows):
        return self.images[rows]

    def digest(self, rows):
        return str(rows.tolist())


class _Shift:
    """A stress test whose pixels come from `draw`."""

    kind = "shifted"

    def __init__(self, draw):
        self.draw = draw

    def __call__(self, source, key):
        read = np.asarray(source.inputs)
        moved = read + np.uint8(self.draw())
        yield Probe("shift-1", "shifted", "shift", source.with_inputs(Lazy.of(_Rows(moved))))


def held():
    digits = data.get("sklearn_digits", part="holdout")()
    return digits.with_inputs(Lazy.of(_Rows(digits.inputs)))


def listed(tmp_path, member, source):
    rows, _ = enumerate_probes(Store(str(tmp_path)), [member], source, checksum(source), SEED)
    key = stress_key(member, checksum(source), SEED)
    return key, {row.name: row.key for row in rows if row.stress == key}


def test_a_stress_test_with_randomness_of_its_own_is_found_out(tmp_path):
    """Its digest is the same, its pixels are not: some of them are looked at."""
    draws = iter(range(1, 9))
    member, source = _Shift(lambda: next(draws)), held()
    key, expected = listed(tmp_path, member, source)
    with pytest.raises(StudyError, match="randomness from its key alone"):
        list(ProbeCache().probes(member, source, key, SEED, expected))


def test_one_that_is_the_same_every_time_passes(tmp_path):
    """Also when it comes out of the cache."""
    member, source = _Shift(lambda: 3), held()
    key, expected = listed(tmp_path, member, source)
    cache = ProbeCache()
    for _ in range(2):
        (probe,) = cache.probes(member, source, key, SEED, expected)
        assert probe.name == "shift-1"


def test_files_that_change_under_a_running_study_are_noticed(tmp_path):
    """A probe kept from an earlier block is held against its key again."""
    member, source = _Shift(lambda: 3), held()
    key, expected = listed(tmp_path, member, source)
    cache = ProbeCache()
    (probe,) = cache.probes(member, source, key, SEED, expected)
    probe.data.inputs.source.images[:] = 0
    with pytest.raises(StudyError, match="files that it reads must stay as they are"):
        list(cache.probes(member, source, key, SEED, expected))


def test_what_is_not_installed_is_said_before_any_probe_is_made(tmp_path):
    """Also where it is the last stress test that lacks something."""

    class _Lacking(_Shift):
        def ready(self):
            raise MissingExtraError("This", "images")

    source = held()
    with pytest.raises(MissingExtraError, match=r"pip install 'underspec\[images\]'"):
        enumerate_probes(
            Store(str(tmp_path)), [_Shift(lambda: 3), _Lacking(lambda: 4)], source, "x", SEED
        )
    assert not list((tmp_path / "probes").glob("*.json"))


def test_two_probes_of_one_name_are_refused(tmp_path):
    """With the name in the sentence."""
    source = held()
    with pytest.raises(UsageError, match="Two probes are named 'shift-1'"):
        enumerate_probes(
            Store(str(tmp_path)), [_Shift(lambda: 3), _Shift(lambda: 4)], source, "x", SEED
        )
