"""Runners: the same outcomes from each, whatever happens to a worker."""

import os
import signal
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
