"""A study small enough to run many times: decision trees on scikit-learn's digits."""

import hashlib
from pathlib import Path

import pytest

TINY = """\
schema: 1
name: tiny
seed: 3
train: {sklearn_digits: {part: train}}
holdout: {sklearn_digits: {part: holdout}}
trainer: {sklearn: {estimator: decision_tree, parameters: {max_features: 8, max_depth: 8}}}
vary: {sources: [init, sample]}
variants: 12
near_equal: {margin: {epsilon: 0.05}}
stress:
  - {contrast: {severities: [2, 4]}}
  - {rotate: {angles: [20]}}
run: {where: inline}
"""


@pytest.fixture
def tiny(tmp_path):
    """The study file, written where a test may change it."""
    path = tmp_path / "study.yaml"
    path.write_text(TINY)
    return path


def snapshot(folder: Path, below: str = "blocks") -> dict[str, str]:
    """Return every file's hash and time of change, to see what was computed again."""
    return {
        p.relative_to(
            folder
        ).as_posix(): f"{hashlib.sha256(p.read_bytes()).hexdigest()} {p.stat().st_mtime_ns}"
        for p in sorted((folder / below).rglob("*"))
        if p.is_file()
    }
