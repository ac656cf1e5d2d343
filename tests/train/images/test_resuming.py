"""A training that was killed goes on, and ends in the bits of one that was not."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytestmark = pytest.mark.torch


class KilledError(BaseException):
    """Stands for the end of a process: nothing that catches errors may catch it."""


def killed_at(patch, steps):
    """Let a training end after so many steps more."""
    from underspec.train.torch.images.loop import Training

    left = [steps]
    step = Training._step

    def counted(self, *args):
        if left[0] == 0:
            raise KilledError
        left[0] -= 1
        return step(self, *args)

    patch.setattr(Training, "_step", counted)


def run_killed(trainer, variants, data, steps):
    with pytest.MonkeyPatch.context() as patch:
        killed_at(patch, steps)
        with pytest.raises(KilledError):
            trainer.fit(variants, data)


def kept(trainer):
    return sorted(Path(trainer.checkpoints).glob("*"))


@pytest.mark.parametrize("steps", [1, 6, 9, 11])
def test_a_killed_training_ends_as_if_it_had_not_been(
    trainer, variant, photographs, weights, steps
):
    """Whatever the step, within an epoch or between two: weights and statistics are the same bits."""
    whole = trainer(checkpoints=None, every=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(Path(trainer().checkpoints).parent / "cache"))
        straight = weights(whole.fit([variant()], photographs))

    one = trainer(every=3)
    run_killed(one, [variant()], photographs, steps)
    left = kept(one)
    gone_on = one.fit([variant()], photographs)

    assert len(left) == 1
    assert np.array_equal(weights(gone_on), straight)
    assert not kept(one)


def test_it_goes_on_and_does_not_begin_anew(trainer, variant, photographs):
    """After two of three epochs only the third is trained."""
    one = trainer()
    run_killed(one, [variant()], photographs, 8)
    with pytest.MonkeyPatch.context() as patch:
        killed_at(patch, 4)
        one.fit([variant()], photographs)  # would raise at a fifth step


def test_finished_variants_of_a_killed_block_are_not_trained_again(
    trainer, variant, photographs, weights
):
    """The first of two is kept until both are there, and then neither."""
    one = trainer()
    both = [variant(0), variant(1)]
    straight = one.fit(both, photographs)
    run_killed(one, both, photographs, 12 + 5)
    assert len(kept(one)) == 2
    with pytest.MonkeyPatch.context() as patch:
        killed_at(patch, 8)
        gone_on = one.fit(both, photographs)

    for at in range(2):
        assert np.array_equal(weights(gone_on, at), weights(straight, at))
    assert not kept(one)


@pytest.mark.parametrize("harm", ["cut", "bit", "empty", "other"])
def test_a_damaged_checkpoint_is_said_and_trained_anew(
    trainer, variant, photographs, weights, harm
):
    """Cut short, one bit wrong, empty or another training's: the note says so, the result is right."""
    one = trainer()
    straight = one.fit([variant()], photographs)
    run_killed(one, [variant()], photographs, 9)
    (file,) = kept(one)
    content = bytearray(file.read_bytes())
    if harm == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif harm == "bit":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif harm == "empty":
        file.write_bytes(b"")
    else:
        file.unlink()
        run_killed(one, [variant(1)], photographs, 9)
        kept(one)[0].rename(file)

    anew = one.fit([variant()], photographs)

    assert "damaged" in anew.notes["v000"]
    assert np.array_equal(weights(anew), weights(straight))


def test_a_checkpoint_is_of_one_training_only(trainer, variant, photographs):
    """Another setting, seed, or training set has a file of its own; folder and threads change nothing."""
    from underspec.train.torch.images.checkpoint import key_of

    base = key_of(trainer(), variant(), "abc", "cpu")
    same = [
        key_of(trainer(decoders=3, prefetch=1, every=2), variant(), "abc", "cpu"),
        key_of(trainer(checkpoints="elsewhere"), variant(), "abc", "cpu"),
    ]
    others = [
        key_of(trainer(epochs=4), variant(), "abc", "cpu"),
        key_of(trainer(), variant(1), "abc", "cpu"),
        key_of(trainer(), variant(), "abd", "cpu"),
        key_of(trainer(micro_batch=4), variant(), "abc", "cpu"),
        key_of(trainer(precision="bf16"), variant(), "abc", "cpu"),
    ]

    assert set(same) == {base}
    assert len({base, *others}) == 6


def test_no_code_is_read_from_a_checkpoint(trainer, variant, photographs, tmp_path):
    """A file that would run something when unpickled is damage, and runs nothing."""
    import hashlib
    import pickle

    one = trainer()
    run_killed(one, [variant()], photographs, 9)
    (file,) = kept(one)
    mark = tmp_path / "ran"

    class Harm:
        def __reduce__(self):
            return Path.touch, (mark,)

    content = pickle.dumps(Harm())
    file.write_bytes(hashlib.sha256(content).digest() + content)
    anew = one.fit([variant()], photographs)

    assert "no checkpoint" in anew.notes["v000"]
    assert not mark.exists()


def test_the_cache_of_the_user_is_used_where_no_folder_is_named(
    trainer, variant, photographs, tmp_path, monkeypatch
):
    """And what is finished leaves no file there."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    one = trainer(checkpoints=None)
    run_killed(one, [variant()], photographs, 9)
    place = tmp_path / "cache" / "underspec" / "checkpoints"
    assert len(list(place.iterdir())) == 1

    one.fit([variant()], photographs)

    assert not list(place.iterdir())


def test_a_folder_that_cannot_be_written_is_said(trainer, variant, photographs, tmp_path):
    """The error names the file and the setting."""
    from underspec.core.errors import StudyError

    (tmp_path / "file").touch()
    with pytest.raises(StudyError, match="checkpoints"):
        trainer(checkpoints=str(tmp_path / "file")).fit([variant()], photographs)


_SCRIPT = """
import sys, time
from underspec.core.records import Variant
from underspec.data import get as read
from underspec.train import get
from underspec.train.torch.images.loop import Training
step = Training._step
Training._step = lambda self, *args: (time.sleep(0.05), step(self, *args))[1]
root, kept, out = sys.argv[1:]
data = read("image_folder", root=root, resize=14, crop=12)()
trainer = get("torch_images", model="small_resnet", model_parameters={"width": 4, "dropout": 0.2},
              epochs=20, batch=8, warm_up=0, device="cpu", every=2, checkpoints=kept)
fitted = trainer.fit([Variant("v000", {"init": 1, "order": 2, "augment": 3})], data)
from pathlib import Path
Path(out).mkdir()
fitted.save(Path(out))
"""


@pytest.mark.slow
def test_processes_killed_at_any_moment_leave_nothing_half_written(folder, tmp_path):
    """SIGKILL at random moments, again and again: the last one to run ends in the same bytes."""
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    ask = [sys.executable, "-c", _SCRIPT, str(folder)]
    subprocess.run([*ask, str(tmp_path / "a"), str(tmp_path / "straight")], check=True, env=env)
    draw = np.random.default_rng()
    kills = 0
    while kills < 3:
        process = subprocess.Popen([*ask, str(tmp_path / "b"), str(tmp_path / "resumed")], env=env)
        while not list((tmp_path / "b").glob("*.checkpoint")) and process.poll() is None:
            time.sleep(0.05)
        time.sleep(draw.uniform(0, 1.0))
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
    if kills == 3:
        subprocess.run([*ask, str(tmp_path / "b"), str(tmp_path / "resumed")], check=True, env=env)

    assert kills > 0
    names = ["0.safetensors"]
    for name in names:
        straight = (tmp_path / "straight" / name).read_bytes()
        assert straight == (tmp_path / "resumed" / name).read_bytes()
