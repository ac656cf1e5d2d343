"""What happens to a study when its process, its disk or another process goes wrong."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from underspec.core.errors import StudyError, UsageError
from underspec.core.store import Store
from underspec.study import load_study
from underspec.study.guard import only_driver


def command(tiny, out):
    return [sys.executable, "-m", "underspec", "run", str(tiny), "--out", str(out), "--no-open"]


def finish(tiny, out):
    return subprocess.run(
        command(tiny, out), capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.slow)])
@pytest.mark.timeout(1200)
def test_killed_at_random_moments_gives_the_same_bytes(tiny, tmp_path, kills):
    """Kill -9 at random moments, then the same command: the findings of an undisturbed run."""
    tiny.write_text(tiny.read_text().replace("where: inline", "where: processes"))
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    start = time.monotonic()
    assert finish(tiny, calm).returncode == 0
    whole = time.monotonic() - start
    # The moments differ from run to run of the test on purpose; the assertion holds for all.
    moments = np.random.default_rng().uniform(0.2, whole, size=kills)

    for moment in moments:
        process = subprocess.Popen(
            command(tiny, rough), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (rough / "findings.json").exists():
            # Finished before the kill: begin anew, so that every kill meets an unfinished study.
            subprocess.run(["rm", "-rf", str(rough)], check=True)
    ended = finish(tiny, rough)

    assert ended.returncode == 0, ended.stderr
    assert (rough / "findings.json").read_bytes() == (calm / "findings.json").read_bytes()


def test_workers_end_with_their_driver(tiny, tmp_path):
    """A killed driver leaves no worker behind that would go on writing."""
    tiny.write_text(
        tiny.read_text()
        .replace("where: inline", "where: processes")
        .replace(
            "decision_tree, parameters: {max_features: 8, max_depth: 8}",
            "random_forest, parameters: {n_estimators: 2000}",
        )
    )
    process = subprocess.Popen(
        command(tiny, tmp_path / "out"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    workers = []
    while not workers and time.monotonic() < deadline:
        time.sleep(0.2)
        workers = [
            int(child)
            for task in Path(f"/proc/{process.pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    assert workers
    process.kill()
    process.wait()

    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{w}").exists() for w in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(Path(f"/proc/{w}").exists() for w in workers)


def test_full_disk_is_one_sentence_and_loses_nothing(tiny, tmp_path, monkeypatch):
    """A disk that fills up in mid-run stops it clearly; with space it goes on to the same bytes."""
    study, _ = load_study(tiny)
    out = tmp_path / "out"
    study.run(tmp_path / "calm", where="inline")
    real, calls = os.fsync, []

    def full(file):
        calls.append(file)
        if len(calls) > 60:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(file)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        StudyError, match=r"No space left while writing .* run the same command again"
    ):
        study.run(out, where="inline")
    monkeypatch.setattr(os, "fsync", real)
    assert not list(out.rglob("*.new"))
    kept = len(list((out / "blocks").glob("*/done.json")))
    said = []
    study.run(out, where="inline", listeners=[said.append])

    assert kept > 0
    assert len([e for e in said if e["event"] == "block_done"]) == 12 - kept
    assert (out / "findings.json").read_bytes() == (tmp_path / "calm/findings.json").read_bytes()


def test_second_writer_is_refused(tiny, tmp_path):
    """While one process writes a study, another is told so and writes nothing."""
    study, _ = load_study(tiny)
    out = tmp_path / "out"

    with only_driver(Store(out)), pytest.raises(UsageError, match=r"Another process .* is writing"):
        study.run(out, where="inline")

    assert study.run(out, where="inline") is not None


def test_dead_writer_frees_the_study(tmp_path):
    """The guard of a process that is gone does not hold anybody up."""
    store = Store(tmp_path)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with only_driver(store):
        left = json.loads(store.read("driver.json"))
    store.write("driver.json", json.dumps({**left, "pid": ended.pid}).encode())

    start = time.monotonic()
    with only_driver(store):
        assert json.loads(store.read("driver.json"))["pid"] == os.getpid()
    assert time.monotonic() - start < 1


def test_writer_on_another_machine_is_stale_after_three_missed_beats(tmp_path):
    """A guard from elsewhere is respected while it beats, and taken over when it stops."""
    store = Store(tmp_path)
    other = {"pid": 1, "machine": "elsewhere", "token": "x", "beat": 5}
    store.write("driver.json", json.dumps(other).encode())

    with only_driver(store, beat=0.05):
        assert json.loads(store.read("driver.json"))["token"] != "x"


def test_runners_and_block_sizes_give_the_same_bytes(tiny, tmp_path):
    """Inline, two workers and five workers: the same findings, byte for byte."""
    study, _ = load_study(tiny)
    study.run(tmp_path / "inline", where="inline")
    study.run(tmp_path / "two", workers=2)
    study.run(tmp_path / "five", workers=5)

    expected = (tmp_path / "inline/findings.json").read_bytes()
    assert (tmp_path / "two/findings.json").read_bytes() == expected
    assert (tmp_path / "five/findings.json").read_bytes() == expected


def test_ctrl_c_stops_with_a_sentence_and_the_same_command_goes_on(tiny, tmp_path):
    """An interrupted run says how to go on, leaves no claim on the folder, and can be continued."""
    tiny.write_text(tiny.read_text().replace("where: inline", "where: processes"))
    out = tmp_path / "out"
    process = subprocess.Popen(
        command(tiny, out), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not (out / "driver.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)

    assert process.returncode == 130
    assert said.endswith("Stopped. What was finished is kept; run the same command to go on.\n")
    assert not (out / "driver.json").exists()
    assert finish(tiny, out).returncode == 0
