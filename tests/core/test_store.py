"""The store: whole files or none, on a disk and on any fsspec URL."""

import errno
import re
import secrets
import sys
from pathlib import Path

import pytest

from underspec.core.errors import StudyError, UsageError
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


def test_moved_file_has_its_new_name_only(store):
    """A file is read under its new name; moving what is not there is an error."""
    store.write("old", b"content")
    store.move("old", "new")

    assert store.names() == ["new"]
    assert store.read("new") == b"content"
    with pytest.raises(FileNotFoundError):
        store.move("old", "new")


@pytest.mark.parametrize("doing", ["write", "append", "create", "read"])
def test_file_in_the_way_of_the_folder_is_named(tmp_path, doing):
    """A root whose parent is a file is one sentence that names the file."""
    (tmp_path / "file").write_bytes(b"")
    store = Store(tmp_path / "file/study")

    with pytest.raises(UsageError, match=r"Cannot \w+ .*: \S*/file is a file, not a folder"):
        getattr(store, doing)(*(["x"] if doing == "read" else ["x", b""]))


def test_folder_that_may_not_be_listed_is_named(tmp_path, monkeypatch):
    """A folder without permission to read is one sentence."""

    def forbidden(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", forbidden)
    with pytest.raises(StudyError, match=rf"Not allowed to read {re.escape(str(tmp_path))}\."):
        Store(tmp_path).names()


def test_unknown_kind_of_url_is_refused():
    """A protocol that fsspec does not know is the caller's mistake."""
    for ask in (lambda s: s.names(), lambda s: s.tree("x"), lambda s: s.write("x", b"")):
        with pytest.raises(UsageError, match=r"No such kind of URL: bogus://x\. Known: local"):
            ask(Store("bogus://x"))


def test_missing_package_of_a_url_is_named(monkeypatch):
    """A protocol whose package is not installed says which one to install."""
    monkeypatch.setitem(sys.modules, "s3fs", None)

    with pytest.raises(UsageError, match=r"s3://b/x needs a package .*s3fs"):
        Store("s3://b/x").names()
