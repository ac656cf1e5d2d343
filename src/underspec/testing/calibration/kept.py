"""Keeps what was counted, a file a cell, so that an interrupted run goes on where it stopped."""

import hashlib
import json
from functools import cache
from pathlib import Path

import underspec
from underspec.testing.calibration.cells import Cell
from underspec.testing.calibration.count import Counted, count

__all__ = ["counted"]

_READ = ("core/streams.py", "stats", "metrics", "select", "measure", "testing")


def counted(cell: Cell, studies: int, folder: Path | None) -> Counted:
    """Return what a cell counts, from `folder` where the same code has counted it before.

    Args:
        cell: which.
        studies: how many to draw.
        folder: of the files; None to keep nothing.
    """
    if folder is None:
        return count(cell, studies)
    said = f"{cell!r} {studies} {code()}"
    file = folder / f"{cell.name}-{hashlib.sha256(said.encode()).hexdigest()[:16]}.json"
    if file.exists():
        return Counted.from_json(json.loads(file.read_text(encoding="utf-8")))
    found = count(cell, studies)
    folder.mkdir(parents=True, exist_ok=True)
    scratch = file.with_suffix(".part")
    scratch.write_text(json.dumps(found.to_json()), encoding="utf-8")
    scratch.replace(file)
    return found


@cache
def code() -> str:
    """Return a checksum of the code that the counts depend on: other code, other counts."""
    root, digest = Path(underspec.__file__).parent, hashlib.sha256()
    for part in _READ:
        at = root / part
        for file in [at] if at.is_file() else sorted(at.rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()
