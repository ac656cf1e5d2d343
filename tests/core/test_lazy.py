"""Inputs that are read when needed stand where an array would, and are never read all at once."""

import hashlib

import numpy as np
import pytest

from underspec import data
from underspec.core import lazy
from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy, chunks, whole


class _Counted:
    """A source of numbered rows that remembers what was read of it."""

    shape = (2, 3)
    dtype = np.dtype(np.uint8)

    def __init__(self, n=20, tag="a"):
        self.n, self.tag, self.read_rows = n, tag, []

    def __len__(self):
        return self.n

    def read(self, rows):
        self.read_rows.append(rows.tolist())
        return np.broadcast_to(rows.astype(np.uint8)[:, None, None], (len(rows), 2, 3))

    def digest(self, rows):
        return hashlib.sha256(f"{self.tag}{rows.tolist()}".encode()).hexdigest()


def test_it_has_the_shape_of_an_array_and_becomes_one():
    """Shape, axes, type and length are known without reading; numpy.asarray reads."""
    source = _Counted()
    inputs = Lazy.of(source)
    assert (inputs.shape, inputs.ndim, inputs.dtype, len(inputs)) == ((20, 2, 3), 3, np.uint8, 20)
    assert source.read_rows == []
    assert np.asarray(inputs)[:, 0, 0].tolist() == list(range(20))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (slice(3, 6), [3, 4, 5]),
        (np.array([7, 2]), [7, 2]),
        (np.arange(20) % 7 == 0, [0, 7, 14]),
    ],
)
def test_taking_some_reads_nothing_until_asked(rows, expected):
    """Slices, positions and masks give a smaller view, also of a view."""
    source = _Counted()
    some = Lazy.of(source)[rows]
    assert source.read_rows == []
    assert np.asarray(some)[:, 0, 0].tolist() == expected
    assert np.asarray(some[::-1])[:, 0, 0].tolist() == expected[::-1]
    assert source.read_rows == [expected, expected[::-1]]


def test_chunks_are_bounded_and_whole_together():
    """At most so many bytes at a time, in order, each example once; arrays come in one piece."""
    source = _Counted()
    inputs = Lazy.of(source)[np.arange(19, -1, -1)]
    parts = list(chunks(inputs, limit=6 * 7))
    assert [len(part.inputs) for part in parts] == [7, 7, 6]
    assert [part.rows for part in parts] == [slice(0, 7), slice(7, 14), slice(14, 20)]
    joined = np.concatenate([part.inputs for part in parts])
    assert joined[:, 0, 0].tolist() == list(range(19, -1, -1))
    array = np.zeros((5, 2))
    (one,) = chunks(array, limit=1)
    assert one.inputs is array
    assert one.rows == slice(0, 5)


def test_an_example_larger_than_the_limit_comes_alone():
    """Never nothing at a time."""
    assert [len(p.inputs) for p in chunks(Lazy.of(_Counted(3)), limit=1)] == [1, 1, 1]


def test_whole_reads_what_fits_and_refuses_what_does_not(monkeypatch):
    """With both sizes in the sentence."""
    assert whole(Lazy.of(_Counted())).shape == (20, 2, 3)
    monkeypatch.setattr(lazy, "_memory", lambda: 100)
    with pytest.raises(UsageError, match=r"20 examples of shape \(2, 3\).*Take fewer"):
        whole(Lazy.of(_Counted()))


def test_a_data_set_of_them_is_fingerprinted_without_reading():
    """The checksum hangs on the source's digest and on which examples, in which order."""
    source = _Counted()
    made = data.of(Lazy.of(source), [0, 1] * 10)
    sums = {
        data.checksum(made),
        data.checksum(made.take(np.arange(19, -1, -1))),
        data.checksum(data.of(Lazy.of(_Counted(tag="b")), [0, 1] * 10)),
    }
    assert source.read_rows == []
    assert len(sums) == 3
    assert data.checksum(data.of(Lazy.of(_Counted()), [0, 1] * 10)) in sums
