"""The source code behind a member: its files, or its text where it was typed in."""

import ast
import dis
import functools
import hashlib
import importlib.util
import inspect
import re
import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.records import Data

__all__ = ["code_digest"]

# Libraries change with their version, which the environment records; hashing them would tie a
# study to one release of each.
_OUTSIDE = {"builtins", "numpy", "sklearn", "torch", "scipy"} | set(sys.stdlib_module_names)
_PLAIN = bool | int | float | complex | str | bytes | None
_TARGET = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)")


def code_digest(value: Any) -> str:
    """Return a hash over the source code behind a member and all that it holds.

    One of our own members is hashed with the modules of its folder and its stage, so that a change
    of an engine counts. Code of users counts with its file and the modules beside it that it
    imports, whether it is held as an object, a class, a function or by name; code typed into a
    notebook counts with its text. Libraries do not count.

    Raises:
        UsageError: there is neither source nor byte code of something that is held.
    """
    found = _Found()
    found.visit(value, top=True)
    state = hashlib.sha256()
    # Sorted by content, not by path, for a path says where we live.
    for entry in sorted([*found.texts, *(_entry(file) for file in found.files)]):
        state.update(entry)
    return state.hexdigest()[:16]


def _entry(file: Path) -> bytes:
    return file.name.encode() + b"\0" + file.read_bytes()


@dataclass(eq=False)
class _Found:
    files: set[Path] = field(default_factory=set)
    texts: set[bytes] = field(default_factory=set)
    # The objects themselves, so that no id is used again while we look.
    seen: dict[int, Any] = field(default_factory=dict)

    def visit(self, value: Any, *, top: bool = False) -> None:
        if isinstance(value, str):
            self._target(value)
        if (
            isinstance(value, _PLAIN | np.ndarray | np.generic | Path | Data)
            or id(value) in self.seen
        ):
            return
        self.seen[id(value)] = value
        if isinstance(value, Mapping):
            self._all(value.values())
        elif isinstance(value, list | tuple | set | frozenset):
            self._all(value)
        elif isinstance(value, functools.partial):
            self._all([value.func, *value.args, *value.keywords.values()])
        elif isinstance(value, type):
            # Its bases too: a method may stand in another file than the class that is named.
            for kind in value.__mro__:
                self._source(kind, top=top, must=kind is value)
        elif isinstance(value, types.MethodType):
            self._all([value.__func__, value.__self__])
        elif isinstance(value, types.FunctionType):
            self._source(value, top=top)
            self._all([*_held_by(value), *vars(value).values()])
        elif hasattr(value, "__wrapped__"):
            self.visit(value.__wrapped__)
        elif callable(value) and hasattr(value, "__qualname__"):
            if not isinstance(value, types.BuiltinFunctionType):
                self._source(value, top=top)
        elif not isinstance(value, types.ModuleType):
            self._object(value, top=top)

    def _all(self, values: Any) -> None:
        for value in values:
            self.visit(value)

    def _object(self, value: Any, *, top: bool) -> None:
        kind = type(value)
        self.visit(kind, top=top)
        if is_dataclass(value):
            self._all(getattr(value, f.name) for f in fields(value))
        elif hasattr(value, "get_params"):
            self._all(value.get_params(deep=False).values())
        elif callable(value) or not _library(kind):
            self._all(getattr(value, "__dict__", {}).values())

    def _target(self, text: str) -> None:
        path, _, name = text.rpartition(":")
        if path.endswith(".py") and Path(path).is_file():
            self._file(Path(path))
        elif match := _TARGET.fullmatch(text):
            loaded = sys.modules.get(path)
            if path == "__main__" and hasattr(loaded, name):
                self.visit(getattr(loaded, name))
            elif match[1].split(".")[0] not in _OUTSIDE and (file := _module_file(path)):
                self._python(path, file)

    def _source(self, kind: Any, *, top: bool, must: bool = True) -> None:
        """Add the code of a class or function."""
        if _top(kind) in _OUTSIDE:
            return
        try:
            file = Path(inspect.getsourcefile(kind) or "")
        except (TypeError, OSError):
            file = Path()
        if not file.is_file() and _module_path(kind).suffix not in (".py", ""):
            file = _module_path(kind)  # compiled
        if file.is_file():
            self._python(kind.__module__, file, top=top)
            return
        self.texts.add(_text(kind, must))
        for function in _functions(kind):
            self._mentioned(function)
        if isinstance(kind, type):
            self._all(held for held in vars(kind).values() if isinstance(held, type))

    def _mentioned(self, function: types.FunctionType) -> None:
        # What else was typed in and is used by name, so that a change of it counts.
        self._all(_held_by(function))
        for name in _globals(function.__code__) & function.__globals__.keys():
            value = function.__globals__[name]
            if isinstance(value, _PLAIN):
                self.texts.add(f"{name}={value!r}".encode())
            elif isinstance(value, types.ModuleType):
                file = Path(getattr(value, "__file__", None) or "")
                if file.is_file() and value.__name__.split(".")[0] not in _OUTSIDE:
                    self._python(value.__name__, file)
            elif callable(value):
                self.visit(value)

    def _python(self, module: str, file: Path, *, top: bool = False) -> None:
        if module == "underspec" or module.startswith("underspec."):
            if module.count(".") > 2:
                self.files.update(file.parent.rglob("*.py"))
                self.files.update(file.parent.parent.glob("*.py"))
            else:
                self.files.add(file)
        elif not _installed(file):
            self._file(file)
        elif top:  # a plug-in's member: its version is not recorded
            self.files.add(file)

    def _file(self, file: Path) -> None:
        file = file.resolve()
        if file in self.files:
            return
        self.files.add(file)
        if file.suffix == ".py":
            for beside in _imported(file):
                self._file(beside)


def _top(kind: Any) -> str:
    return str(getattr(kind, "__module__", None) or "builtins").split(".")[0]


def _module_path(kind: Any) -> Path:
    return Path(getattr(sys.modules.get(kind.__module__), "__file__", None) or "")


def _library(kind: type) -> bool:
    return _top(kind) in _OUTSIDE or _installed(_module_path(kind))


def _installed(file: Path) -> bool:
    return not {"site-packages", "dist-packages"}.isdisjoint(file.resolve().parts)


def _module_file(module: str) -> Path | None:
    """Return the file of a module without importing it or its parents."""
    top, *rest = module.split(".")
    try:
        spec: ModuleSpec | None = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    for part in rest:
        if spec is None or spec.submodule_search_locations is None:
            return None
        spec = PathFinder.find_spec(f"{spec.name}.{part}", list(spec.submodule_search_locations))
    file = Path((spec and spec.origin) or "")
    return file if file.is_file() else None


def _imported(file: Path) -> Iterator[Path]:
    """Yield the modules that a user's file imports from its own folder or package."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return
    root = file.parent
    while (root / "__init__.py").is_file() and root != root.parent:
        root = root.parent
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                for base in {file.parent, root}:
                    yield from _modules(base, alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            bases = {file.parents[node.level - 1]} if node.level else {file.parent, root}
            for base in bases:
                for alias in node.names:
                    yield from _modules(base, [*(node.module or "").split("."), alias.name])


def _modules(base: Path, parts: list[str]) -> Iterator[Path]:
    at = base
    for part in parts:
        if part == "underspec":
            return
        at = at / part if part else at
        for file in (at.with_suffix(".py"), at / "__init__.py"):
            if file.is_file():
                yield file


def _text(kind: Any, must: bool) -> bytes:
    try:
        return inspect.getsource(kind).encode()
    except (OSError, TypeError):
        pass
    functions = [_code(function.__code__) for function in _functions(kind)]
    held = vars(kind) if isinstance(kind, type) else {}
    compiled = not isinstance(kind, type) or any(callable(part) for part in held.values())
    if must and compiled and not functions:
        raise UsageError(
            f"The code of {kind.__module__}:{kind.__qualname__} cannot be read, so a change of it would go "
            "unnoticed. Put it into a file."
        )
    values = {k: v for k, v in held.items() if isinstance(v, _PLAIN) and k[:2] != "__"}
    return repr((kind.__qualname__, sorted(values.items()), functions)).encode()


def _functions(kind: Any) -> list[types.FunctionType]:
    """Return a function itself, or those of a class by name, also in properties and the like."""
    if not isinstance(kind, type):
        return [kind] if isinstance(kind, types.FunctionType) else []
    parts = (
        part
        for _, value in sorted(vars(kind).items())
        for part in (value, *(getattr(value, k, None) for k in ("__func__", "fget", "fset")))
    )
    return [part for part in parts if isinstance(part, types.FunctionType)]


def _held_by(function: types.FunctionType) -> Iterator[Any]:
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not filled yet
            continue


def _globals(code: types.CodeType) -> set[str]:
    inner = (const for const in code.co_consts if isinstance(const, types.CodeType))
    own = {i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return own.union(*(_globals(const) for const in inner))


def _code(code: types.CodeType) -> Any:
    return (code.co_code.hex(), [_constant(const) for const in code.co_consts], code.co_names)


def _constant(value: Any) -> Any:
    if isinstance(value, types.CodeType):
        return _code(value)
    return sorted(map(repr, value)) if isinstance(value, frozenset) else repr(value)
