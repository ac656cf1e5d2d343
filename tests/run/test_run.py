"""Runners: the same outcomes from each, whatever happens to a worker."""

import os
import signal
import threading
import time

import pytest

from underspec import run
from underspec.core.errors import StudyError, UsageError


def test_every_runner_returns_every_block():
    """Both runners give one outcome a block, with the work's result."""
    for name in run.names():
        outcomes = list(run.get(name).map(lambda block: block * 2, [1, 2, 3]))

        assert sorted(o.result for o in outcomes) == [2, 4, 6]
        assert all(o.error is None for o in outcomes)


def test_failed_block_leaves_the_others_alone():
    """An exception in one block is that block's outcome; the others end well."""

    def work(block):
        if block == 2:
            raise UsageError("two is wrong")
        return block

    for name in run.names():
        outcomes = {o.block: o for o in run.get(name).map(work, [1, 2, 3])}

        assert str(outcomes[2].error) == "two is wrong"
        assert isinstance(outcomes[2].error, UsageError)
        assert outcomes[3].result == 3


def test_dead_worker_is_replaced_and_its_block_tried_again(tmp_path):
    """A worker killed once costs one more try; the block still gives its result."""
    mark = tmp_path / "tried"

    def work(block):
        if block == 1 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return block

    outcomes = {o.block: o for o in run.get("processes", workers=2).map(work, [0, 1, 2])}

    assert {o.result for o in outcomes.values()} == {0, 1, 2}


def test_block_that_kills_every_worker_is_reported():
    """A block that kills its worker each time is an error that quotes the signal."""

    def work(block):
        os.kill(os.getpid(), signal.SIGKILL)

    (outcome,) = run.get("processes", workers=1).map(work, [0])

    assert isinstance(outcome.error, StudyError)
    assert "signal 9" in str(outcome.error)


def test_prints_of_the_work_do_not_disturb_the_messages():
    """What a trainer prints goes elsewhere than our messages."""

    def work(block):
        print("noise" * 10_000, flush=True)
        return block

    assert [o.result for o in run.get("processes", workers=1).map(work, [7])] == [7]


def test_closing_early_stops_the_workers():
    """Leaving the outcomes unread ends the workers at once, even in mid-block."""
    start = time.monotonic()
    outcomes = run.get("processes", workers=2).map(lambda block: time.sleep(block), [0, 60, 60])

    next(outcomes)
    outcomes.close()

    assert time.monotonic() - start < 20


def test_workers_must_be_positive():
    """Zero workers is refused in one sentence."""
    with pytest.raises(UsageError, match="workers must be 'auto' or a number from 1 up, got 0"):
        run.get("processes", workers=0)


class Locked:
    """An object that no process can send to another."""

    def __reduce__(self):
        raise TypeError("a lock stays where it is")


def answers(work, blocks, **options):
    """Return the outcomes of a run that must end by itself."""
    return list(run.get("processes", workers=2, **options).map(work, blocks))


@pytest.mark.timeout(60)
def test_work_that_does_not_pickle_is_refused_before_any_worker_starts(monkeypatch):
    """Work that cannot be sent is one sentence that names the way out, not a hang."""
    monkeypatch.setattr("underspec.run.processes._Worker", None)
    held = Locked()

    with pytest.raises(UsageError, match=r"cannot be sent .*a lock stays.* where: inline"):
        answers(lambda block: (held, block), [1, 2, 3])


@pytest.mark.timeout(60)
def test_block_that_does_not_pickle_fails_alone():
    """A block that cannot be sent is that block's error; its worker goes on with the others."""
    outcomes = answers(lambda block: block, [Locked(), 1, 2, 3, Locked()])

    assert sorted(o.result for o in outcomes if o.error is None) == [1, 2, 3]
    assert [type(o.error) for o in outcomes if o.error] == [UsageError, UsageError]


@pytest.mark.timeout(60)
def test_worker_that_cannot_be_started_is_every_blocks_error(monkeypatch):
    """Where no process can be started each block says so."""
    monkeypatch.setattr("sys.executable", "/nowhere/python")

    outcomes = answers(lambda block: block, [1, 2, 3])

    assert len(outcomes) == 3
    assert all("No worker process could be started" in str(o.error) for o in outcomes)


class Unreadable:
    """Pickles well and cannot be built again, as code that a worker cannot import."""

    def __reduce__(self):
        return int, ("no number",)


@pytest.mark.timeout(60)
def test_work_that_a_worker_cannot_read_is_every_blocks_error():
    """Work that pickles here but cannot be built there fails each block with its reason."""
    held = Unreadable()

    outcomes = answers(lambda block: (held, block), [1, 2, 3])

    assert len(outcomes) == 3
    assert all("no number" in str(o.error) for o in outcomes)


class TwoWordsError(Exception):
    """An exception that pickles and cannot be built again from its arguments."""

    def __init__(self, one, two):
        super().__init__(f"{one} {two}")


@pytest.mark.timeout(60)
def test_answer_that_cannot_be_read_keeps_its_words():
    """An exception that cannot be built again, or a result that does not pickle, is told in words."""

    def work(block):
        if block == 1:
            raise TwoWordsError("very", "wrong")
        return threading.Lock() if block == 2 else block

    said = {o.block: o for o in answers(work, [1, 2, 3])}

    assert "TwoWordsError: very wrong" in str(said[1].error)
    assert "Its result (could not be sent whole: " in str(said[2].error)
    assert said[3].result == 3
