"""Running the command line inside the test process."""

import sys

import pytest

from underspec.__main__ import main


@pytest.fixture
def underspec(monkeypatch, capsys):
    """Run a command; return its exit status, standard output and error."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["underspec", *map(str, arguments)])
        try:
            main()
            status = 0
        except SystemExit as stop:
            status = stop.code or 0
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call
