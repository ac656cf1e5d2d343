"""The store: whole files or none, on a disk and on any fsspec URL."""

import secrets

import pytest

from underspec.core.events import Events
from underspec.core.store import Store


@pytest.fixture(params=["disk", "memory"])
def store(request, tmp_path):
    """A store on a disk and one in fsspec's memory."""
    if request.param == "disk":
        return Store(tmp_path / "study")
    return Store(f"memory://{secrets.token_hex(4)}/study")


def test_written_is_read(store):
    """Bytes come back, old ones are replaced, names are listed without hidden files."""
    store.write("a/b.txt", b"one")
    store.write("a/b.txt", b"two")
    store.write("a/.hidden", b"")

    assert store.read("a/b.txt") == b"two"
    assert store.names("a") == ["b.txt"]
    assert store.names("nowhere") == []
    assert store.tree("a") == ["a/b.txt"]


def test_missing_file_is_an_error(store):
    """Reading what is not there raises FileNotFoundError."""
    with pytest.raises(FileNotFoundError):
        store.read("nothing")


def test_create_is_exclusive(store):
    """Only the first creates."""
    assert store.create("lock", b"first")
    assert not store.create("lock", b"second")
    assert store.read("lock") == b"first"


def test_remove_takes_folders_and_forgives_absence(store):
    """A folder goes with all it holds; removing nothing is fine."""
    store.write("a/b/c", b"")
    store.remove("a")
    store.remove("a")

    assert not store.exists("a/b/c")


def test_filled_folder_replaces_the_old_one(store):
    """A folder is filled locally, then takes the place of what was there."""
    store.write("models/old", b"")
    with store.filling("models") as folder:
        (folder / "deep").mkdir()
        (folder / "deep/new").write_bytes(b"new")

    with store.folder("models") as folder:
        assert [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()] == [
            "deep/new"
        ]


def test_events_are_kept_and_told(store):
    """Each event reaches the listeners and the file."""
    heard = []
    events = Events(store, [heard.append])
    events.say("stage", stage="train")
    events.say("block_done", block="b0000")

    assert [e["event"] for e in heard] == ["stage", "block_done"]
    assert len(store.read("events/0000.jsonl").splitlines()) == 2
