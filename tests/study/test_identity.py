"""What makes two studies the same: told alike in every process, and sensitive to what matters."""

import functools
import json
import os
import subprocess
import sys

import numpy as np
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


def test_partial_functions_are_told_whole():
    """What is bound to a function counts, and its code is found."""
    told = plain(functools.partial(os.path.join, "a", 1))
    assert told == plain(functools.partial(os.path.join, "a", 1))
    assert told != plain(functools.partial(os.path.join, "a", 2))
    assert plain(functools.partial(int, base=2)) != plain(functools.partial(int, base=3))


class Scaled:
    """A function with a value, as users write them."""

    def __init__(self, by):
        self.by = by

    def __call__(self, x):
        """Scale."""
        return x * self.by


class Slotted:
    """A function whose content nothing tells."""

    __slots__ = ()

    def __call__(self, x):
        """Return it."""
        return x


def test_callable_objects_are_told_by_what_they_hold():
    """Two objects of one class differ by their attributes; without any they are refused."""
    assert plain(Scaled(2)) == plain(Scaled(2)) != plain(Scaled(3))
    for unclear in (Scaled(object()), Slotted()):
        with pytest.raises(UsageError, match="could not be told apart"):
            plain(unclear)


def test_arrays_of_objects_are_told_by_their_values():
    """Their bytes are addresses, which differ in every process."""
    a, b = (np.asarray([f"a{end}", None], dtype=object) for end in ("bc", "bc"))
    assert plain(a) == plain(b) != plain(np.asarray(["abd", None], dtype=object))


MINE = """
from sklearn.linear_model import LogisticRegression

class Mine(LogisticRegression):
    def extra(self):
        import helper
        return helper.VALUE

def function(x):
    return x
"""
HELD = {
    "an estimator": "train.get('sklearn', estimator=mine.Mine())",
    "a step of a pipeline": (
        "train.get('sklearn', estimator=Pipeline([('a', StandardScaler()), ('b', mine.Mine())]))"
    ),
    "within an estimator": "train.get('sklearn', estimator=BaggingClassifier(mine.Mine()))",
    "a module's class by name": "train.get('sklearn', estimator='mine:Mine')",
    "a class in a package by name": "train.get('sklearn', estimator='package.inner:Mine')",
    "a file's class by name": "train.get('sklearn', estimator='mine.py:Mine')",
    "a partial function": "Holder(functools.partial(mine.function, 1))",
    "a list": "Holder([1, {'f': mine.function}])",
    "a name in a mapping": "Holder({'f': 'mine:function'})",
    "a function": "Holder(mine.function)",
    "an attribute of an object": "Holder(mine.Mine().extra)",
}
ASK = """
import functools
import sys
from dataclasses import dataclass
from typing import Any
sys.path.insert(0, ".")
import mine
from sklearn.ensemble import BaggingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from underspec import train
from underspec.study.canonical import code_digest

@dataclass(frozen=True)
class Holder:
    held: Any

"""


def answer(folder, code, told="", seed="0"):
    """Run code in a fresh process as if typed in."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": seed},
        input=told,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_users_code_counts_however_it_is_held(tmp_path):
    """A change of a user's file, or of a module that it imports from beside it, is seen."""
    (tmp_path / "package").mkdir()
    for name in ("mine", "package/inner"):
        file = tmp_path / f"{name}.py"
        file.write_text(MINE)
        for other in ("helper", "deeper", "stranger"):
            text = "import deeper\nVALUE = 1\n" if other == "helper" else "VALUE = 1\n"
            (file.parent / f"{other}.py").write_text(text)
    (tmp_path / "package/__init__.py").write_text("")
    files = ["stranger.py", "mine.py inner.py", "helper.py", "deeper.py"]
    ask = ASK + (
        "from pathlib import Path\n"
        f"for files in {['', '', *files]!r}:\n"
        "    for name in files.split():\n"
        "        for file in Path().rglob(name):\n"
        "            file.write_text(file.read_text() + '# changed')\n"
        f"    print(*(code_digest(held) for held in ({', '.join(HELD.values())})))\n"
    )
    first, again, stranger, *rest = (line.split() for line in answer(tmp_path, ask).splitlines())
    assert first == again == stranger
    before = first
    for name, after in zip(files[1:], rest, strict=True):
        missed = [held for held, a, b in zip(HELD, before, after, strict=True) if a == b]
        assert not missed, name
        before = after


def test_naming_a_class_does_not_import_it(tmp_path):
    """A module that cannot be imported is still hashed."""
    (tmp_path / "package").mkdir()
    for name in ("__init__", "broken"):
        (tmp_path / f"package/{name}.py").write_text("raise RuntimeError\n")
    (tmp_path / "mine.py").write_text(MINE)
    ask = ASK + (
        "from pathlib import Path\n"
        "print(code_digest(Holder('package.broken:Any')))\n"
        "Path('package/broken.py').write_text('raise ValueError')\n"
        "print(code_digest(Holder('package.broken:Any')))\n"
    )
    before, after = answer(tmp_path, ask).split()
    assert before != after


TYPED = """
from sklearn.linear_model import LogisticRegression
import helper
from underspec import train
from underspec.study.canonical import code_digest

WIDTH = 8
IDLE = 1

def layer(x):
    return x + 1

class Base:
    def twice(self, x):
        return 2 * layer(x)

class Mine(LogisticRegression, Base):
    rate = 0.5

    @property
    def width(self):
        return {"a", "b", WIDTH}

    def helped(self, x):
        return x in {"p", "q", "r"} and helper.VALUE

print(code_digest(train.get("sklearn", estimator=Mine())), code_digest(lambda x: Mine().twice(x)))
"""
EDITS = [
    ("IDLE = 1", "IDLE = 2"),
    ("x + 1", "x + 2"),
    ("WIDTH = 8", "WIDTH = 9"),
    ("2 * layer", "3 * layer"),
    ("rate = 0.5", "rate = 0.6"),
    ('"b", WIDTH', '"c", WIDTH'),
    ('"q", "r"', '"q", "s"'),
]


def test_code_that_was_typed_in_counts(tmp_path):
    """Code of a notebook has no file: its content is hashed, with all that it uses by name."""
    helper = tmp_path / "helper.py"
    helper.write_text("VALUE = 1\n")
    run = "import json, sys\nfor code in json.load(sys.stdin): exec(code, {'__name__': '__main__'})"
    cells = json.dumps([TYPED, *(TYPED.replace(old, new) for old, new in EDITS)])
    base, idle, *edited = (line.split() for line in answer(tmp_path, run, cells).splitlines())
    assert base == idle
    for edit, after in zip(EDITS[1:], edited, strict=True):
        assert after[0] != base[0], edit
        assert after[1] != base[1], edit
    cells = json.dumps([TYPED])
    assert answer(tmp_path, run, cells, seed="1").split() == base
    helper.write_text("VALUE = 2\n")
    assert not set(answer(tmp_path, run, cells).split()) & set(base)


def test_code_that_cannot_be_read_is_refused():
    """A class without a file, a text or any Python function would change unnoticed."""
    unreadable = type("Unreadable", (), {"__call__": len, "__module__": "nowhere_at_all"})
    with pytest.raises(UsageError, match="nowhere_at_all:Unreadable cannot be read"):
        code_digest(unreadable())


@pytest.mark.torch
def test_fields_that_decide_no_number_are_no_part_of_the_recipe():
    """Another place for checkpoints is the same recipe; another learning rate is not."""
    pytest.importorskip("torch")
    from underspec.study.identity import _deciding

    one = train.get("torch_images", checkpoints="/a")

    assert _deciding(one) == _deciding(train.get("torch_images", checkpoints="/b"))
    assert _deciding(one) != _deciding(train.get("torch_images", learning_rate=0.5))
