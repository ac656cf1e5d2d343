"""Files of a study: written whole or not at all, on a disk or any fsspec URL."""

import errno
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from underspec.core.errors import StudyError, UsageError

__all__ = ["Store", "sha256"]


def sha256(data: bytes) -> str:
    """Return the hexadecimal SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


@contextmanager
def _telling(where: str, doing: str = "write") -> Iterator[None]:
    """Turn what a disk may do to us into one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StudyError(
                f"No space left while writing {where}; what was finished before is kept. "
                "Free some space and run the same command again."
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StudyError(
                f"Not allowed to {doing} {where}. Give another --out or change its permissions."
            ) from error
        blocking = next((p for p in Path(where).parents if p.is_file()), None)
        if blocking is not None:
            raise UsageError(
                f"Cannot {doing} {where}: {blocking} is a file, not a folder. Give another --out."
            ) from error
        raise


def _connect(root: str) -> tuple[Any, str]:
    """Return the file system of an fsspec URL and the path in it."""
    import fsspec

    try:
        files, path = fsspec.core.url_to_fs(root)
    except ImportError as error:
        raise UsageError(
            f"A study at {root} needs a package that is not installed: {error}."
        ) from error
    except ValueError as error:
        protocol = root.partition("://")[0]
        if protocol in fsspec.available_protocols():
            raise UsageError(f"The URL {root} cannot be used: {error}.") from error
        raise UsageError(
            f"No such kind of URL: {root}. Known: local paths and what fsspec installs "
            "(s3://, gs://, memory:// and others)."
        ) from error
    return files, path


class Store:
    """A folder, by path or fsspec URL; names are relative and use forward slashes.

    Args:
        root: a path or a URL such as ``s3://bucket/study``.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = str(root)
        self.local: Path | None = None if "://" in self.root else Path(self.root)
        self._remote: Any = None

    def __reduce__(self) -> tuple[type["Store"], tuple[str]]:
        return Store, (self.root,)

    def __str__(self) -> str:
        return self.root

    def below(self, name: str) -> "Store":
        """Return the store of a folder inside this one."""
        return Store(self._at(name))

    def _at(self, name: str) -> str:
        return f"{self.root.rstrip('/')}/{PurePosixPath(name)}"

    @property
    def _files(self) -> Any:
        if self._remote is None:
            self._remote = _connect(self.root)[0]
        return self._remote

    def exists(self, name: str) -> bool:
        """Say whether a file or folder of that name is there."""
        return (
            Path(self._at(name)).exists()
            if self.local
            else bool(self._files.exists(self._at(name)))
        )

    def read(self, name: str) -> bytes:
        """Return a file's bytes.

        Raises:
            FileNotFoundError: there is none.
        """
        if self.local:
            with _telling(self._at(name), "read"):
                return Path(self._at(name)).read_bytes()
        content: bytes = self._files.cat_file(self._at(name))
        return content

    def write(self, name: str, data: bytes) -> None:
        """Write a file so that a reader sees the old bytes or the new, never a part.

        Raises:
            StudyError: the disk is full or may not be written.
        """
        if not self.local:
            self._files.pipe_file(self._at(name), data)
            return
        path = Path(self._at(name))
        new = path.with_name(f".{secrets.token_hex(8)}.new")
        with _telling(str(path)):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with new.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                new.replace(path)
            finally:
                new.unlink(missing_ok=True)

    def append(self, name: str, data: bytes) -> None:
        """Add bytes to the end of a file; a crash may lose the last of them, never earlier ones."""
        if not self.local:
            self.write(name, (self.read(name) if self.exists(name) else b"") + data)
            return
        path = Path(self._at(name))
        with _telling(str(path)):
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab") as file:
                file.write(data)

    def create(self, name: str, data: bytes) -> bool:
        """Write a file only if there is none of that name; say whether it was written."""
        if not self.local:
            if self.exists(name):
                return False
            self.write(name, data)
            return True
        path = Path(self._at(name))
        with _telling(str(path)):
            path.parent.mkdir(parents=True, exist_ok=True)
            # Linking a finished file is atomic, where writing into a new one is not.
            new = path.with_name(f".{secrets.token_hex(8)}.new")
            try:
                new.write_bytes(data)
                os.link(new, path)
            except FileExistsError:
                return False
            finally:
                new.unlink(missing_ok=True)
        return True

    def names(self, folder: str = "") -> list[str]:
        """Return the names in a folder, sorted; none where there is no such folder."""
        at = self._at(folder) if folder else self.root
        if self.local:
            path = Path(at)
            with _telling(at, "read"):
                found = [entry.name for entry in path.iterdir()] if path.is_dir() else []
        else:
            exists = self._files.exists(at)
            found = (
                [PurePosixPath(e).name for e in self._files.ls(at, detail=False)] if exists else []
            )
        return sorted(name for name in found if not name.startswith("."))

    def remove(self, name: str) -> None:
        """Remove a file or a folder with all it holds; nothing happens where there is none."""
        if not self.local:
            if self.exists(name):
                self._files.rm(self._at(name), recursive=True)
            return
        path = Path(self._at(name))
        with _telling(str(path), "remove"):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def move(self, name: str, new: str) -> None:
        """Give a file another name in the same folder: in one step on a disk, in two elsewhere.

        Raises:
            FileNotFoundError: there is none.
        """
        if not self.local:
            self._files.mv(self._at(name), self._at(new))
            return
        with _telling(self._at(name), "move"):
            Path(self._at(name)).rename(self._at(new))

    @contextmanager
    def filling(self, name: str) -> Iterator[Path]:
        """Give an empty local folder to fill; it takes the place of `name` at the end."""
        with tempfile.TemporaryDirectory(prefix="underspec-") as scratch, _telling(self._at(name)):
            yield Path(scratch)
            self.remove(name)
            for path in sorted(Path(scratch).rglob("*")):
                if path.is_file():
                    self.write(f"{name}/{path.relative_to(scratch).as_posix()}", path.read_bytes())

    @contextmanager
    def folder(self, name: str) -> Iterator[Path]:
        """Give a local path to the content of a folder, for reading."""
        if self.local:
            yield Path(self._at(name))
            return
        with tempfile.TemporaryDirectory(prefix="underspec-") as scratch:
            self._files.get(self._at(name).rstrip("/") + "/", scratch, recursive=True)
            yield Path(scratch)

    def tree(self, folder: str) -> list[str]:
        """Return the names of all files below a folder, relative to this store, sorted."""
        if self.local:
            base = Path(self._at(folder))
            files = [p.relative_to(self.local).as_posix() for p in base.rglob("*") if p.is_file()]
        else:
            prefix = _connect(self.root)[1].rstrip("/") + "/"
            at = self._at(folder)
            found = self._files.find(at) if self._files.exists(at) else []
            files = [name.removeprefix(prefix) for name in found]
        return sorted(name for name in files if not PurePosixPath(name).name.startswith("."))
