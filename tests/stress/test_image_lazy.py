"""Images that are read when needed come out as those in memory, whatever the parts."""

from functools import partial

import numpy as np
import pytest

from underspec import stress
from underspec.core.lazy import Lazy, chunks
from underspec.core.streams import stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.pose.pose import Pose
from underspec.testing.stress import sample_images

KEY = stream(20, "stress")
MEMBERS = [row.name for row in stress.table() if ".stress.images." in row.target]
SIDE = 28


class Read:
    """Pictures that are read when needed."""

    def __init__(self, images):
        self.images, self.shape, self.dtype = images, images.shape[1:], images.dtype

    def __len__(self):
        return len(self.images)

    def read(self, rows):
        """Return the pictures at these rows."""
        return self.images[rows]

    def digest(self, rows):
        """Return a text that tells rows apart."""
        return str(rows.tolist())


def framed(examples=11):
    """Return patterns on a plain ground, so that every member suits them."""
    data = sample_images(examples, SIDE, 3)
    images = np.full_like(data.inputs, 20)
    images[:, 7:-7, 7:-7] = data.inputs[:, 7:-7, 7:-7]
    return data.with_inputs(images)


@pytest.mark.parametrize("name", MEMBERS)
@pytest.mark.parametrize("examples", [None, 8])
def test_read_in_parts_every_member_makes_what_it_makes_of_all(name, examples, monkeypatch):
    """Chunks of five, batches of two or three, remainders in all: names, ids and pixels are the same."""
    pytest.importorskip("cv2")
    data = framed()
    more = {"severities": [2, 5]} if "severities" in stress.load(name).__dataclass_fields__ else {}
    test = stress.get(name, examples=examples, **more)
    whole = {p.name: (p.data.ids.tolist(), p.data.inputs) for p in test(data, KEY)}
    size = SIDE * SIDE * 3
    monkeypatch.setattr(Corruption, "at_a_time", 2 * size)
    monkeypatch.setattr(Pose, "at_a_time", 2 * size)
    cut = "underspec.stress.images.pose.background"
    monkeypatch.setattr(f"{cut}.VALUES", 3 * size)
    monkeypatch.setattr(f"{cut}.chunks", partial(chunks, limit=5 * size))
    lazy = data.with_inputs(Lazy.of(Read(data.inputs)))
    made = {p.name: p.data for p in test(lazy, KEY)}
    assert list(made) == list(whole)
    for probe, (ids, pixels) in whole.items():
        assert isinstance(made[probe].inputs, Lazy)
        assert made[probe].ids.tolist() == ids
        parts = [part.inputs for part in chunks(made[probe].inputs, limit=5 * size)]
        assert len(parts) > 1
        np.testing.assert_array_equal(np.concatenate(parts), pixels)
