"""A user's Python file, run as a module that can import what lies beside it."""

import hashlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from underspec.core.errors import UsageError, one_of

__all__ = ["beside", "imported", "parted", "run_file"]

_folders: set[Path] = set()


def run_file(path: Path, name: str) -> ModuleType:
    """Run a Python file anew and return it as the module `name`; if it raises, nothing is left.

    Args:
        path: an existing file.
        name: of the module in `sys.modules`.

    Raises:
        UsageError: Python cannot import such a file. What the file itself raises comes through.
    """
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    if spec is None or spec.loader is None:
        raise UsageError(f"'{path}' is not a Python file. Give one that ends in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their own module up while being made
    try:
        with beside(path):
            spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def parted(target: str, what: str = "target") -> tuple[Path, str]:
    """Return the file and the name that ``file.py:name`` is made of.

    Args:
        target: the text.
        what: how errors call it.

    Raises:
        UsageError: it is written otherwise.
    """
    file, colon, name = target.rpartition(":")
    if not colon or not file.endswith(".py") or not name.isidentifier():
        raise UsageError(f"Write the {what} as file.py:function; got '{target}'.")
    return Path(file), name


def imported(target: str) -> Any:
    """Return the object that ``file.py:name`` names, running the file anew.

    Modules beside the file can be imported by it.

    Raises:
        UsageError: there is no such file, or no such name in it. What the file itself raises comes
            through.
    """
    path, name = parted(target)
    if not path.is_file():
        raise UsageError(f"There is no file '{path}' (from '{target}').")
    digest = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
    module = run_file(path, f"underspec_file_{digest}")
    if name not in vars(module):
        known = [found for found in vars(module) if not found.startswith("_")]
        raise UsageError(one_of(f"function in '{path}'", name, known))
    return vars(module)[name]


@contextmanager
def beside(path: Path) -> Iterator[None]:
    """Let what lies in the folder of `path` be imported, before anything else of its name."""
    folder = path.resolve().parent
    _forget_namesakes(folder)
    _folders.add(folder)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        if str(folder) in sys.path:
            sys.path.remove(str(folder))


def _forget_namesakes(folder: Path) -> None:
    # Two users' files may each have a helper.py beside them; the second must not get the first's.
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if "." in name or not file or Path(file).stem != name:
            continue
        other = Path(file).parent
        if other != folder and other in _folders and (folder / f"{name}.py").is_file():
            del sys.modules[name]
