"""The table of trainers, and what listing it costs."""

import subprocess
import sys

import pytest

from underspec import train
from underspec.core.errors import UsageError


def loads_nothing(code):
    """Run code in a new process and see that no framework was imported."""
    check = "; loaded = [m for m in ('torch', 'sklearn', 'skops') if m in sys.modules]"
    code = f"import sys; from underspec import train; {code}{check}; assert not loaded, loaded"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_listing_trainers_imports_no_framework():
    """The package and its table load neither PyTorch nor scikit-learn."""
    loads_nothing("train.names(); train.table()")


@pytest.mark.torch
def test_settings_of_a_torch_trainer_need_no_torch():
    """A driver may check and describe a study without the seconds that PyTorch takes to load."""
    pytest.importorskip("torch")
    loads_nothing("t = train.get('torch', device='cpu'); t.strategy; t.sources; repr(t)")


def test_both_trainers_are_listed():
    """The table holds our trainers under the names that a study file uses."""
    assert {"sklearn", "torch"} <= set(train.names())


def test_unknown_parameter_is_refused_with_the_nearest_name():
    """A misspelt setting is an error that names the right one."""
    with pytest.raises(UsageError, match="Did you mean 'epochs'"):
        train.get("torch", epoch=3)
