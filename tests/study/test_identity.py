"""What makes two studies the same: told alike in every process, and sensitive to what matters."""

import os
import subprocess
import sys

import pytest

from underspec import train
from underspec.core.errors import UsageError
from underspec.study.canonical import code_digest, digest, plain

CODE = """
from underspec import stress, train
from underspec.study.canonical import code_digest, digest, plain
for member in (
    train.get("torch"), train.get("sklearn", estimator="mlp"), stress.get("contrast"),
    stress.get("by_group", column="label"),
):
    print(code_digest(member), digest(plain(member)))
"""


def test_every_process_says_the_same():
    """Digests hang on no hash seed: a study recognises itself in another process."""
    said = {
        subprocess.run(
            [sys.executable, "-c", CODE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2", "3")
    }
    assert len(said) == 1


@pytest.mark.parametrize("changed", ["engine", "stage", "own"])
def test_a_change_of_code_changes_the_digest(tmp_path, monkeypatch, changed):
    """The trainer's own folder and its stage count, and so does a user's file."""
    import shutil
    from pathlib import Path

    import underspec

    copy = tmp_path / "underspec"
    shutil.copytree(Path(underspec.__file__).parent, copy, ignore=shutil.ignore_patterns("*.npz"))
    own = tmp_path / "mine.py"
    own.write_text("def factory(shape, classes): ...\n")
    ask = (
        "from underspec import train; from underspec.study.canonical import code_digest;"
        "print(code_digest(train.get('torch', model='mine.py:factory')))"
    )

    def told():
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        return subprocess.run(
            [sys.executable, "-c", ask],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    before = told()
    assert told() == before
    file = {"engine": copy / "train/torch/loop.py", "stage": copy / "train/sources.py", "own": own}[
        changed
    ]
    file.write_text(file.read_text() + "\n# changed\n")
    assert told() != before


def test_parameters_are_told_whole():
    """No parameter is lost to a shortened text: a long list differs in its last element."""
    a, b = (
        train.get("sklearn", estimator="mlp", parameters={"hidden_layer_sizes": [8] * 300 + [last]})
        for last in (1, 2)
    )
    assert digest(plain(a)) != digest(plain(b))


def test_code_of_libraries_is_left_to_the_environment():
    """An estimator of a library adds no file: its version is recorded instead."""
    from sklearn.linear_model import LogisticRegression

    a = code_digest(train.get("sklearn", estimator=LogisticRegression()))
    assert a == code_digest(train.get("sklearn", estimator="logistic_regression"))


def test_values_without_content_are_refused():
    """A text that is a memory address identifies nothing."""
    with pytest.raises(UsageError, match="could not be told apart"):
        plain({"x": object()})
