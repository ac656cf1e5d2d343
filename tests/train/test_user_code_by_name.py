"""User code named in a study file."""

import pytest

from underspec.core.errors import UsageError
from underspec.train.named import named


def test_a_file_is_imported_once(tmp_path):
    """The same file gives the same object, so that stored classes are recognised."""
    (tmp_path / "mine.py").write_text("class Model: pass\n")
    target = f"{tmp_path / 'mine.py'}:Model"

    assert named(target, "model") is named(target, "model")


def test_two_files_of_one_name_stay_apart(tmp_path):
    """A file of the same name elsewhere is another module."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.py").write_text(f"WHO = {name!r}\n")

    found = [named(f"{tmp_path / name / 'mine.py'}:WHO", "model") for name in ("a", "b", "a")]
    assert found == ["a", "b", "a"]


def test_a_module_is_imported():
    """A dotted module works as well."""
    from math import prod

    assert prod is named("math:prod", "model")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nothing", "Write 'package.module:Name'"),
        ("no_such_module_here:x", "no module 'no_such_module_here'"),
        ("no/such/file.py:x", "no such file"),
        ("math:prodd", "Did you mean 'prod'"),
    ],
)
def test_what_is_not_found_is_said(target, said):
    """Each way to miss has its sentence."""
    with pytest.raises(UsageError, match=said):
        named(target, "model")


def test_a_file_that_fails_can_be_corrected(tmp_path):
    """An import that raised leaves nothing behind."""
    file = tmp_path / "broken.py"
    file.write_text("raise ValueError('once')\n")
    with pytest.raises(ValueError, match="once"):
        named(f"{file}:x", "model")
    file.write_text("xyz = 3\n")

    assert named(f"{file}:xyz", "model") == 3


def test_modules_beside_a_file_are_found(tmp_path):
    """Imported at the top or inside a function; those of another folder are not mistaken for them."""
    code = "from beside_a_model import WHO\ndef late():\n    import late_{0}\n    return late_{0}.WHO\n"
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.py").write_text(code.format(name))
        (tmp_path / name / "beside_a_model.py").write_text(f"WHO = {name!r}\n")
        (tmp_path / name / f"late_{name}.py").write_text(f"WHO = {name!r}\n")

    for name in ("a", "b"):
        file = tmp_path / name / "model.py"
        assert named(f"{file}:WHO", "model") == name
        assert named(f"{file}:late", "model")() == name
