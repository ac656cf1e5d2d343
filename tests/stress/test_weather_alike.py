"""Noise, weather and colour: the same pixels whatever the batch, order, thread or process."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underspec import stress
from underspec.core.errors import MissingExtraError
from underspec.core.streams import stream
from underspec.testing.stress import check_stress, sample_images

pytest.importorskip("cv2")

KEY = stream(20, "stress")
NAMES = (
    "gaussian_noise",
    "shot_noise",
    "impulse_noise",
    "speckle_noise",
    "brightness",
    "saturate",
    "fog",
    "snow",
    "frost",
    "spatter",
)
BARE = ("gaussian_noise", "shot_noise", "impulse_noise", "speckle_noise", "brightness", "fog", "snow")  # fmt: skip
SOURCE = sample_images(40, channels=3)


def made(name, source):
    return {p.name: p.data.inputs for p in stress.get(name)(source, KEY)}


ALL = {name: made(name, SOURCE) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("side", "channels"), [(50, 3), (16, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_members_keep_the_contract(name, side, channels, dtype):
    """On either type, between the published sizes and below them."""
    source = sample_images(40, side, channels)
    if dtype != np.uint8:
        source = source.with_inputs(source.inputs.astype(dtype) / dtype(255))
    check_stress(stress.get(name, examples=30), source)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(NAMES), st.data())
def test_any_subset_in_any_order_has_the_same_pixels(name, draw):
    """Whatever else is in the batch, an example comes out the same; alone, too."""
    rows = np.asarray(draw.draw(st.lists(st.integers(0, 39), min_size=1, max_size=12, unique=True)))
    for probe, images in made(name, SOURCE.take(rows)).items():
        np.testing.assert_array_equal(images, ALL[name][probe][rows])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("at_a_time", [1, 10_000])
def test_batches_and_threads_do_not_show(monkeypatch, name, at_a_time):
    """One image at a time, or a few by several threads at once: the same pixels."""
    monkeypatch.setattr(stress.load(name), "at_a_time", at_a_time)
    monkeypatch.setattr("underspec.stress.images.pictures.threads", lambda: 3)
    for probe, images in made(name, SOURCE).items():
        np.testing.assert_array_equal(images, ALL[name][probe])


CODE = """
import sys
from underspec import data, stress
from underspec.core.streams import stream
from underspec.testing.stress import sample_images
for name in sys.argv[1:]:
    for probe in stress.get(name)(sample_images(9, 40, 3), stream(20, "stress")):
        print(probe.name, data.checksum(probe.data))
"""


def ran(names, **more):
    call = [sys.executable, "-c", CODE, *names]
    return subprocess.run(
        call, env={**os.environ, **more}, capture_output=True, text=True, check=True
    ).stdout


def test_another_process_makes_the_same_pixels():
    """Two processes with other hash seeds and numbers of threads agree."""
    first = ran(NAMES, PYTHONHASHSEED="1", OMP_NUM_THREADS="1")
    assert first == ran(NAMES, PYTHONHASHSEED="2", OMP_NUM_THREADS="4")
    assert len(first.splitlines()) == 5 * len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_where_opencv_is_missing(monkeypatch, name):
    """Most members never ask for it and make the same pixels; the others say how to get it."""
    monkeypatch.setitem(sys.modules, "cv2", None)
    if name in BARE:
        for probe, images in made(name, SOURCE).items():
            np.testing.assert_array_equal(images, ALL[name][probe])
    else:
        with pytest.raises(MissingExtraError, match=f"'{name}' needs .*images"):
            made(name, SOURCE)
