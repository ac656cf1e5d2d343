"""The table of trainers, and what listing it costs."""

import subprocess
import sys

import pytest

from underspec import train
from underspec.core.errors import UsageError


def test_listing_trainers_imports_no_framework():
    """The package and its table load neither PyTorch nor scikit-learn, nor does a torch trainer."""
    code = (
        "import sys; from underspec import train; train.names(); train.table(); "
        "train.get('torch', device='cpu').strategy; train.get('torch').sources; "
        "loaded = [m for m in ('torch', 'sklearn', 'skops', 'scipy.stats') if m in sys.modules]; "
        "assert not loaded, loaded"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_both_trainers_are_listed():
    """The table holds our trainers under the names that a study file uses."""
    assert {"sklearn", "torch"} <= set(train.names())


def test_unknown_parameter_is_refused_with_the_nearest_name():
    """A misspelt setting is an error that names the right one."""
    with pytest.raises(UsageError, match="Did you mean 'epochs'"):
        train.get("torch", epoch=3)
