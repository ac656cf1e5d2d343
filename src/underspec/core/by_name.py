"""A user's Python file, run as a module that can import what lies beside it."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from underspec.core.errors import UsageError

__all__ = ["beside", "run_file"]

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
