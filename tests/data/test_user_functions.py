"""A function in a user's file brings examples."""

import pytest

from underspec import data
from underspec.core.errors import UsageError

CODE = """
from dataclasses import dataclass
import numpy as np
from beside_the_file import SCALE
from underspec import data

@dataclass
class Box:
    size: "int" = 2

def pair(n=4):
    return np.zeros((n, Box().size)) * SCALE, [0, 1] * (n // 2)

def record():
    import beside_the_file
    return data.of(np.ones((2, 1)) * beside_the_file.SCALE, ["a", "b"], ids=["p", "q"])

def wrong():
    return [1, 2]

def fails():
    raise RuntimeError("the user's own")

constant = 3
"""


@pytest.fixture
def path(tmp_path):
    (tmp_path / "mine.py").write_text(CODE)
    (tmp_path / "beside_the_file.py").write_text("SCALE = 5\n")
    return str(tmp_path / "mine.py")


def test_pairs_and_records_are_taken(path):
    """Inputs with labels, or a whole record; modules beside the file are found."""
    assert len(data.get("call", target=f"{path}:pair", parameters={"n": 6})()) == 6
    made = data.get("call", target=f"{path}:record")()
    assert made.ids.tolist() == ["p", "q"]
    assert made.inputs.tolist() == [[5.0], [5.0]]


@pytest.mark.parametrize(
    ("name", "parameters", "says"),
    [
        ("pear", {}, "No function in .* named 'pear'. Did you mean 'pair'"),
        ("pair", {"m": 2}, "cannot be called with these parameters: .*'m'"),
        ("wrong", {}, "returned list, but must return"),
        ("constant", {}, "is no function but a int"),
    ],
)
def test_wrong_targets_are_refused(path, name, parameters, says):
    """Each fault of the call has its sentence."""
    with pytest.raises(UsageError, match=says):
        data.get("call", target=f"{path}:{name}", parameters=parameters)()


def test_the_users_own_errors_come_through(path):
    """A traceback into the user's code is what the user needs."""
    with pytest.raises(RuntimeError, match="the user's own"):
        data.get("call", target=f"{path}:fails")()


def test_malformed_targets_and_missing_files_are_refused(tmp_path):
    """The form of a target is checked before anything runs."""
    for wrong in ("mine.py", "mine:f", "mine.py:not-a-name"):
        with pytest.raises(UsageError, match=r"file\.py:function"):
            data.get("call", target=wrong)
    with pytest.raises(UsageError, match="There is no file"):
        data.get("call", target=f"{tmp_path}/none.py:f")()


def test_two_folders_with_modules_of_one_name_stay_apart(tmp_path):
    """The second file gets the module beside it, not the one beside the first."""
    code = "from beside_two import WHO\ndef pair():\n    return [[WHO], [WHO]], [0, 1]\n"
    found = []
    for who in (1, 2):
        folder = tmp_path / str(who)
        folder.mkdir()
        (folder / "mine.py").write_text(code)
        (folder / "beside_two.py").write_text(f"WHO = {who}\n")
        found.append(data.get("call", target=f"{folder / 'mine.py'}:pair")().inputs[0, 0])
    assert found == [1, 2]
