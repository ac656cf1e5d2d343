"""What a study ran with, by allow-list: no user, host, path or variable."""

import json
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from underspec._version import __version__
from underspec.core.cores import cores

__all__ = ["PACKAGES", "encode", "environment", "revision", "versions"]

PACKAGES = (
    "numpy",
    "scipy",
    "scikit-learn",
    "pyarrow",
    "pillow",
    "torch",
    "pandas",
    "xgboost",
    "lightgbm",
)


def versions() -> dict[str, str]:
    """Return the versions of the packages that decide numbers, of those installed."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def revision(folder: Path) -> str | None:
    """Return the git revision of a folder, with ``+changes`` where the tree is not clean."""
    try:
        head = subprocess.run(
            ["git", "-C", str(folder), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            check=True,
        )
        changes = subprocess.run(
            ["git", "-C", str(folder), "status", "--porcelain", "-uno"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return head.stdout.strip() + ("+changes" if changes.stdout.strip() else "")


def environment(strategy: str, where: str, slots: int) -> dict[str, Any]:
    """Return versions and hardware of this run."""
    return {
        "underspec": __version__,
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "packages": versions(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": cores(),
        "where": where,
        "workers": slots,
        "strategy": strategy,
        "threads_per_worker": 1,
        "revision": revision(Path.cwd()),
        "byte_order": sys.byteorder,
    }


def encode(value: Any) -> bytes:
    """Return plain values as the bytes of a JSON file."""
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()
