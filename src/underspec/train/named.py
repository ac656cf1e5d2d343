"""User code by name: ``package.module:Name`` or ``path/to/file.py:Name``."""

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from underspec.core.by_name import run_file
from underspec.core.errors import UsageError, one_of

__all__ = ["named"]


def named(target: str, what: str) -> Any:
    """Import what `target` names; modules beside a file can be imported by it.

    Args:
        target: ``package.module:Name`` or ``path/to/file.py:Name``.
        what: the kind of thing, for the error, such as ``"model"``.

    Raises:
        UsageError: the module or file is missing, or does not hold the name.
    """
    source, colon, name = target.rpartition(":")
    if not colon or not source or not name:
        raise UsageError(
            f"The {what} '{target}' names no code. Write 'package.module:Name' or 'file.py:Name'."
        )
    module = _from_file(Path(source), what) if source.endswith(".py") else _module(source, what)
    try:
        return getattr(module, name)
    except AttributeError:
        public = [known for known in vars(module) if not known.startswith("_")]
        raise UsageError(one_of(f"{what} in {source}", name, public)) from None


def _module(source: str, what: str) -> ModuleType:
    try:
        return importlib.import_module(source)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"The {what} is to come from '{source}', but there is no module '{error.name}'. Install "
            f"it, or run from the folder that holds it."
        ) from None


def _from_file(path: Path, what: str) -> ModuleType:
    if not path.is_file():
        raise UsageError(f"The {what} is to come from '{path}', but there is no such file.")
    # The name depends on the file's name only, so that a stored model finds its class again
    # after the folder was moved.
    name = f"_underspec_user_{path.stem}"
    known = sys.modules.get(name)
    if known is not None and Path(str(known.__file__)).samefile(path):
        return known
    module = run_file(path, name)
    # For imports inside its functions, and for stored classes of a module beside it; last, so that
    # it hides nothing.
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)
    return module
