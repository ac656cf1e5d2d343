"""Other people's implementations of the corruptions, in their own process and environment."""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
VENV = ROOT / ".venv-rivals"
PACKAGES = ("imagecorruptions", "corrupt_tta", "imgcorr")
SINGLE = tuple(f"{who}_NUM_THREADS" for who in ("OMP", "OPENBLAS", "MKL", "NUMBA"))
WANTED = "There is no .venv-rivals: run scripts/setup_rivals.sh."


def installed() -> bool:
    """Say whether the rivals are there, in the versions of bench/rivals.txt."""
    said = VENV / "installed.txt"
    return said.is_file() and said.read_bytes() == (ROOT / "bench" / "rivals.txt").read_bytes()


class Rivals:
    """Talks to the process in .venv-rivals; a context."""

    def __enter__(self) -> "Rivals":
        if not installed():
            raise SystemExit(WANTED)
        self._folder = tempfile.TemporaryDirectory(prefix="rivals-")
        self._process = subprocess.Popen(
            [str(VENV / "bin" / "python"), str(ROOT / "bench" / "rival_side.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **dict.fromkeys(SINGLE, "1")},
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()
        self._folder.cleanup()

    def _ask(self, verb: str, **order: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"verb": verb, **order}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The rivals' process ended over the order {verb} {order}.")
        return json.loads(answer)

    def _saved(self, images: NDArray[np.uint8]) -> str:
        path = Path(self._folder.name) / "in.npz"
        np.savez(path, images=images)
        return str(path)

    def versions(self) -> dict[str, str]:
        """Return distribution to version."""
        found: dict[str, str] = self._ask("versions")
        return found

    def corrupt(
        self,
        images: NDArray[np.uint8],
        package: str,
        name: str,
        severity: int,
        *,
        draws: int = 1,
        constant: str | None = None,
        shrink: float | None = None,
    ) -> NDArray[np.uint8]:
        """Return uint8 [draws, images, height, width, channels] as a rival makes them.

        Args:
            images: uint8 [images, height, width, channels].
            package: the rival.
            name: of the corruption.
            severity: from 1 to 5.
            draws: how often each image is corrupted anew.
            constant: Python source of the constant to take instead of the rival's own.
            shrink: factor by which frost photographs are resized first, where `constant` is given.
        """
        out = Path(self._folder.name) / "out.npz"
        self._ask(
            "corrupt",
            images=self._saved(images),
            out=str(out),
            package=package,
            name=name,
            severity=severity,
            draws=draws,
            constant=constant,
            shrink=shrink,
            seed=10 * severity + PACKAGES.index(package),
        )
        with np.load(out) as archive:
            made: NDArray[np.uint8] = archive["images"]
        return made

    def pool(self, size: int, images: NDArray[np.uint8]) -> None:
        """Start so many processes for timing, all of which hold the images."""
        self._ask("pool", size=size, images=self._saved(images))

    def load(self, images: NDArray[np.uint8]) -> None:
        """Give other images to the pool."""
        self._ask("load", images=self._saved(images))

    def seconds(self, package: str, name: str, severities: Sequence[int], *, warm: bool) -> float:
        """Return how long the pool takes to corrupt its images at all these severities.

        Args:
            package: the rival.
            name: of the corruption.
            severities: from 1 to 5.
            warm: corrupt one image first, off the clock, so that what compiles is compiled.
        """
        took: float = self._ask(
            "time", package=package, name=name, severities=list(severities), warm=warm
        )
        return took
