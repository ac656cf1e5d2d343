"""The public names, as a type checker sees them."""

import subprocess
import sys
from pathlib import Path

import pytest

import underspec

API = Path(__file__).parent / "typing" / "api.py"


def test_user_code_passes_mypy_strict():
    """The example from the README type-checks strictly against the installed package."""
    pytest.importorskip("mypy", reason="mypy is part of the dev extra")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", str(API)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_public_name_is_there():
    """__all__ is what the package has, and no more than twenty names."""
    assert len(underspec.__all__) <= 20
    for name in underspec.__all__:
        assert getattr(underspec, name) is not None
