"""What all published corruptions share: types, sizes, streams, batches and refusals."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underspec import data, stress
from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.published.corruptions import TEST, VALIDATION
from underspec.testing.stress import sample_images

pytest.importorskip("cv2")

KEY = stream(20, "stress")
NAMES = sorted(TEST + VALIDATION)
ALONE = ["contrast", "motion_blur", "pixelate", "brightness", "gaussian_noise", "rotate"]


def made(name, source, **more):
    return {p.name: p.data.inputs for p in stress.get(name, **more)(source, KEY)}


def refused(name, source):
    """The sentence that refuses, None where probes are made."""
    try:
        made(name, source)
    except UsageError as error:
        return str(error)
    return None


def test_all_nineteen_are_there():
    """Fifteen for the test and four for tuning, and no other corruption."""
    ours = [row for row in stress.table() if row.target.startswith("underspec.stress.images.")]
    assert [row.name for row in ours if issubclass(row.load(), Corruption)] == NAMES
    assert len(NAMES) == 19


@pytest.mark.parametrize("name", NAMES)
def test_probes_are_named_after_severity(name):
    """Made afresh, which the ending says: fog-gen-3 of the family fog-gen."""
    probes = list(stress.get(name, severities=[2, 5])(sample_images(3), KEY))
    assert [p.name for p in probes] == [f"{name}-gen-2", f"{name}-gen-5"]
    assert {p.family for p in probes} == {f"{name}-gen"}
    assert [p.severity for p in probes] == [2, 5]
    assert {p.kind for p in probes} == {"shifted"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("side", "channels"), [(28, 1), (64, 3), (100, 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_and_range_are_kept(name, side, channels, dtype):
    """Floats in 0..1 give floats in 0..1, on the whole what uint8 gives."""
    source = sample_images(3, side, channels)
    small = source.with_inputs((source.inputs / 255).astype(dtype))
    before = small.inputs.copy()
    for probe, images in made(name, small, severities=[1, 4]).items():
        assert images.dtype == dtype
        assert images.shape == source.inputs.shape
        assert 0 <= images.min() <= images.max() <= 1
        whole = made(name, source, severities=[int(probe[-1])])[probe]
        assert whole.dtype == np.uint8
        assert whole.flags.c_contiguous
        away = images * 255 - whole
        assert abs(away.mean()) < (2 if name == "shot_noise" else 0.7)
        # Counts of photons are drawn in another way for floats.
        assert name == "shot_noise" or np.abs(away).mean() < 1.5
    np.testing.assert_array_equal(small.inputs, before)


# Shorter side, in pixels, that all five severities can do with, at the size and with the constants
# of ImageNet-C whatever the size.
LEAST = {
    "defocus_blur": (5, 21),
    "elastic_transform": (9, 147),
    "fog": (4, 4),
    "frost": (4, 4),
    "gaussian_blur": (5, 25),
    "glass_blur": (4, 10),
    "jpeg_compression": (8, 8),
    "motion_blur": (6, 31),
    "snow": (13, 13),
    "spatter": (5, 17),
    "zoom_blur": (18, 11),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("at", "like"), [(0, "size"), (1, "imagenet_c")])
def test_pictures_smaller_than_a_kernel_are_refused(name, at, like):
    """One sentence says the corruption, the side and the least side, from which on it works."""
    least = LEAST.get(name, (1, 1))[at]
    test = stress.get(name, like=like)

    def blank(*shape):
        return data.of(np.full((2, *shape, 3), 77, np.uint8), [0, 1])

    assert all(
        p.data.inputs.shape == (2, least, least + 5, 3) for p in test(blank(least, least + 5), KEY)
    )
    if least > 1:
        says = rf"'{name}' with severities: \[1, 2, 3, 4, 5\] wants images of at least {least} .* is {least - 1}:"
        with pytest.raises(UsageError, match=says):
            next(iter(test(blank(least + 5, least - 1), KEY)))


@pytest.mark.parametrize("name", NAMES)
def test_at_28_pixels_and_more_everything_works(name):
    """No constant outgrows the size that it is for; weaker severities need less."""
    assert all(stress.get(name).needed(side) <= side for side in range(28, 1200))
    worst = stress.get(name).needed(28)
    assert worst == max(stress.get(name, severities=s).needed(28) for s in range(1, 6))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(18, 19), (31, 33), (60, 40)])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_larger_size_works(name, shape, channels):
    """Square or not, even or odd."""
    images = np.random.default_rng(1).integers(0, 256, (2, *shape, channels), np.uint8)
    assert all(out.shape == images.shape for out in made(name, data.of(images, [0, 1])).values())


CODE = """
import numpy as np
from underspec import data, stress
from underspec.core.streams import stream
from underspec.testing.stress import sample_images
for name in (*%r, "rotate"):
    for probe in stress.get(name, examples=9)(sample_images(20), stream(20, "stress")):
        print(probe.name, data.checksum(probe.data))
"""


def test_another_process_makes_the_same_pixels():
    """Pixels hang on key and ids alone: two processes with other hash seeds and threads agree."""
    runs = [
        subprocess.run(
            [sys.executable, "-c", CODE % (tuple(NAMES),)],
            env={**os.environ, "PYTHONHASHSEED": seed, "OMP_NUM_THREADS": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert len(runs[0].splitlines()) == 19 * 5 + 5


SOURCE = sample_images(40, channels=3)
ALL = {name: made(name, SOURCE) for name in [*NAMES, "rotate"]}


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(ALL)), st.data())
def test_any_subset_in_any_order_has_the_same_pixels(name, draw):
    """Whatever else is in the batch, an example comes out the same."""
    rows = np.asarray(draw.draw(st.lists(st.integers(0, 39), min_size=1, max_size=12, unique=True)))
    for probe, images in made(name, SOURCE.take(rows)).items():
        np.testing.assert_array_equal(images, ALL[name][probe][rows])


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("at_a_time", [1, 7 * 28 * 28 * 3])
@pytest.mark.parametrize("name", NAMES)
def test_batches_and_threads_do_not_show(monkeypatch, name, at_a_time, threads):
    """Image by image or by sevens, in one thread or three, pixels are those of all at once."""
    monkeypatch.setattr(stress.load(name), "at_a_time", at_a_time)
    monkeypatch.setattr("underspec.stress.images.pictures.threads", lambda: threads)
    for probe, images in made(name, SOURCE).items():
        np.testing.assert_array_equal(images, ALL[name][probe])


def test_pixels_of_a_float_picture_do_not_hang_on_its_batch():
    """Nor those of floats, for which sums are rounded."""
    floats = SOURCE.with_inputs((SOURCE.inputs / 255).astype(np.float32))
    rows = np.asarray([31, 4, 17])
    for name in NAMES:
        few = made(name, floats.take(rows), severities=[2, 5])
        for probe, images in made(name, floats, severities=[2, 5]).items():
            np.testing.assert_array_equal(images[rows], few[probe], err_msg=probe)


@pytest.mark.parametrize("name", NAMES)
def test_without_opencv_it_runs_or_says_what_to_install(monkeypatch, name):
    """Those of the demo run and give the same pixels; the others end in the command to paste."""
    monkeypatch.setitem(sys.modules, "cv2", None)
    says = refused(name, SOURCE)
    if says is not None:
        assert name not in ALONE
        assert name in says
        assert says.endswith("pip install 'underspec[images]'")
        return
    for probe, images in made(name, SOURCE).items():
        np.testing.assert_array_equal(images, ALL[name][probe])


@pytest.mark.parametrize("severities", [(), [0], [6], [1, 1], [1.5]])
def test_severities_are_checked(severities):
    """Only 1 to 5, each once."""
    with pytest.raises(UsageError, match="from 1 to 5, each once"):
        stress.get("contrast", severities=severities)


@pytest.mark.parametrize(
    ("images", "says"),
    [
        (np.zeros((2, 28, 28)), r"Add the channel at the end"),
        (np.zeros((2, 3, 28, 28)), r"channels last"),
        (np.zeros((2, 28, 28, 4)), r"1 or 3 channels, but got \[2, 28, 28, 4\]"),
        (np.zeros((2, 28, 28, 1), np.int64), "but got int64"),
        (np.full((2, 28, 28, 1), 1.5), "run from 1.5 to 1.5"),
        (np.full((2, 28, 28, 1), -0.1), "run from -0.1"),
        (np.full((2, 28, 28, 1), np.nan), "run from nan"),
        (["a", "b"], "1 or 3 channels"),
    ],
)
@pytest.mark.parametrize("name", ["contrast", "rotate"])
def test_what_is_no_picture_is_refused(name, images, says):
    """Wrong shapes, types and ranges have their sentence."""
    with pytest.raises(UsageError, match=says):
        made(name, data.of(images, [0, 1]))


def test_frames_are_no_pictures():
    """A data frame has no pixels."""
    pd = pytest.importorskip("pandas")
    frame = data.of(pd.DataFrame({"x": [1, 2]}), [0, 1])
    with pytest.raises(UsageError, match="of type DataFrame"):
        made("contrast", frame)
