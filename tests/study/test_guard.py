"""One writer a study: who holds it, who may take it over, and who may let it go."""

import json
import os
import threading
import time
from pathlib import Path

import pytest

from underspec.core.errors import UsageError
from underspec.core.store import Store
from underspec.study import guard
from underspec.study.guard import only_driver

NAME = "driver.json"


def claim(**changes):
    """Return the bytes of a claim of this very process, with changes."""
    mine = {
        "pid": os.getpid(),
        "machine": guard._machine(),
        "started": guard._started(os.getpid()),
        "token": "theirs",
        "beat": 0,
    }
    return json.dumps({**mine, **changes}).encode()


def token(store):
    return json.loads(store.read(NAME))["token"]


@pytest.fixture(params=["disk", "memory"])
def store(request, tmp_path):
    """An empty folder on a disk and one in fsspec's memory."""
    return Store(tmp_path if request.param == "disk" else f"memory://{tmp_path.name}/study")


@pytest.mark.skipif(
    not Path("/proc/self/stat").exists(),
    reason="only Linux tells when a process started; elsewhere a pid alone is believed",
)
def test_process_that_got_the_number_of_a_dead_driver_holds_nobody_up(tmp_path):
    """A claim with a living pid but another start time is stale at once."""
    store = Store(tmp_path)
    store.write(NAME, claim(started=guard._started(os.getpid()) - 1))

    with only_driver(store, beat=60):
        assert token(store) != "theirs"


def test_living_driver_on_this_machine_is_respected(tmp_path):
    """A claim with our own pid and start time is held, although it does not beat."""
    store = Store(tmp_path)
    store.write(NAME, claim())

    with pytest.raises(UsageError, match=rf"pid {os.getpid()}\) is writing"):
        only_driver(store, beat=0.01).__enter__()
    assert store.read(NAME) == claim()


def test_container_on_the_same_machine_is_another_machine(monkeypatch):
    """Two pid namespaces of one boot have different machine hashes."""
    here = guard._machine()
    monkeypatch.setattr(Path, "readlink", lambda path: Path("pid:[1]"))

    assert guard._machine() != here


def test_claim_taken_over_meanwhile_is_given_back(store, monkeypatch):
    """A claim that is no longer the judged one when it is moved goes back; nobody else writes."""
    store.write(NAME, claim(machine="elsewhere"))
    living = claim(token="faster")
    move = Store.move

    def slow(self, name, new):
        self.write(NAME, living)
        move(self, name, new)

    monkeypatch.setattr(guard, "_stale", lambda *_: True)
    monkeypatch.setattr(Store, "move", slow)
    with pytest.raises(UsageError, match="is writing the study"):
        only_driver(store).__enter__()

    assert store.read(NAME) == living
    if store.local:
        assert [p.name for p in store.local.iterdir()] == [NAME]


def test_only_one_of_many_takes_a_stale_claim_over(tmp_path):
    """Of eight that find the same dead claim at once one writes and the others are refused."""
    store = Store(tmp_path)
    store.write(NAME, claim(machine="elsewhere"))
    start, held, most, refused = threading.Barrier(8), [], [], []
    done = threading.Event()

    def drive():
        start.wait()
        try:
            with only_driver(Store(tmp_path), beat=0.05):
                held.append(1)
                most.append(len(held))
                done.wait(10)
                held.pop()
        except UsageError:
            refused.append(1)

    threads = [threading.Thread(target=drive) for _ in range(8)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 10
    while len(refused) < 7 and time.monotonic() < deadline:
        time.sleep(0.02)
    done.set()
    for thread in threads:
        thread.join()

    assert most == [1]
    assert len(refused) == 7


def test_lost_claim_is_neither_beaten_nor_removed(store):
    """A driver whose claim was taken leaves the new owner's as it is, also when it ends."""
    with only_driver(store, beat=0.02):
        store.write(NAME, claim(token="theirs"))
        time.sleep(0.2)
        assert store.read(NAME) == claim(token="theirs")

    assert store.read(NAME) == claim(token="theirs")


def test_held_claim_beats_and_is_removed(store):
    """While a study is held the count moves; afterwards the claim is gone."""
    with only_driver(store, beat=0.02):
        first = store.read(NAME)
        deadline = time.monotonic() + 10
        while store.read(NAME) == first and time.monotonic() < deadline:
            time.sleep(0.02)
        assert store.read(NAME) != first

    assert not store.exists(NAME)


@pytest.mark.parametrize("left", [b"", b'{"pid": 12', b"[]", b"{}", b'{"pid": "x", "token": "t"}'])
def test_unreadable_claim_is_stale_after_three_beats(tmp_path, left):
    """A claim that cannot be read is watched for three beats, then taken over."""
    store = Store(tmp_path)
    store.write(NAME, left)

    start = time.monotonic()
    with only_driver(store, beat=0.1):
        assert time.monotonic() - start >= 0.3
        assert token(store)


def test_unreadable_claim_that_is_being_written_is_respected(tmp_path, monkeypatch):
    """A claim that becomes readable while it is watched belongs to its writer."""
    store = Store(tmp_path)
    store.write(NAME, b"{")
    monkeypatch.setattr(time, "sleep", lambda _: store.write(NAME, claim()))

    with pytest.raises(UsageError, match=r"pid .* is writing"):
        only_driver(store).__enter__()
    assert store.read(NAME) == claim()
