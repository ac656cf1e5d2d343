"""The command line's front door: a user's mistake is one sentence and a status, no traceback."""

import errno
import sys

import pytest

from underspec.__main__ import main


@pytest.mark.parametrize(
    ("error", "said", "status"),
    [
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "a/b"), "Cannot use a/b: Not a", 2),
        (FileExistsError(errno.EEXIST, "File exists", "a"), "Cannot use a: File exists.", 2),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "a"), "Cannot use a: Is a dir", 2),
        (PermissionError(errno.EACCES, "Permission denied", "a"), "Cannot use a: Permission", 2),
        (OSError("the server does not answer"), "the server does not answer", 2),
        (OSError(errno.ENOSPC, "No space left on device", "a"), "No space left on the device", 3),
    ],
)
def test_what_the_system_refuses_is_one_sentence(monkeypatch, capsys, error, said, status):
    """Any OSError names its path and ends with status 2; a full disk ends with 3."""

    def app(prog_name):
        raise error

    monkeypatch.setattr("underspec.cli.app", app)
    with pytest.raises(SystemExit) as stop:
        main()

    printed = capsys.readouterr().err
    assert stop.value.code == status
    assert printed.startswith(f"Error: {said}")
    assert len(printed.splitlines()) == 1


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("{tmp}/file/study", "file is a file, not a folder"),
        ("bogus://x", "No such kind of URL: bogus://x"),
    ],
)
def test_study_folder_that_cannot_be_is_one_sentence(monkeypatch, capsys, tmp_path, out, said):
    """An --out that cannot hold a study is told without a traceback."""
    (tmp_path / "file").touch()
    monkeypatch.setattr(
        sys, "argv", ["underspec", "demo", "--out", out.format(tmp=tmp_path), "--no-open"]
    )
    with pytest.raises(SystemExit) as stop:
        main()

    assert stop.value.code == 2
    assert said in capsys.readouterr().err
