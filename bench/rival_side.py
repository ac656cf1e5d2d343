"""The other side of `rival_client`: runs in .venv-rivals, where the rivals are, and serves orders.

An order is a line of JSON on the standard input, the answer a line on the standard output; arrays
travel as .npz files. This file imports nothing of ours. The rivals draw from the global state of NumPy.
"""

import ast
import importlib
import importlib.metadata
import inspect
import json
import multiprocessing
import os
import sys
import textwrap
import time
import warnings
from multiprocessing.connection import Connection
from typing import Any

import cv2
import numba
import numpy as np
from PIL import Image

warnings.simplefilter("ignore")
cv2.setNumThreads(1)

PACKAGES = {  # module: distribution
    "imagecorruptions": "imagecorruptions-imaug",
    "corrupt_tta": "corrupt-tta",
    "imgcorr": "imgcorr",
}
OTHERS = ("numpy", "opencv-python-headless", "pillow", "scikit-image", "scipy", "numba")
MODULES = {name: importlib.import_module(name) for name in PACKAGES}


@numba.njit()
def _seed_numba(seed: int) -> None:
    np.random.seed(seed)  # noqa: NPY002


_fresh = np.random.default_rng


def _repeatable(seed: Any = None) -> np.random.Generator:
    # scikit-image and one rival take a new generator of unknown seed at each call.
    return _fresh(np.random.randint(1 << 31) if seed is None else seed)  # noqa: NPY002


def reseed(seed: int) -> None:
    """Make the three kinds of randomness that the rivals use repeatable."""
    np.random.seed(seed)  # noqa: NPY002
    _seed_numba(seed)
    np.random.default_rng = _repeatable


class Shrunk:
    """OpenCV, whose `imread` shrinks what it reads: so the original does with frost below 224."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __getattr__(self, name: str) -> Any:
        return getattr(cv2, name)

    def imread(self, path: str) -> Any:
        """Read a photograph."""
        return cv2.resize(cv2.imread(path), (0, 0), fx=self.factor, fy=self.factor)


def with_constant(package: str, name: str, constant: str, shrink: float | None) -> Any:
    """Return a rival's function in which `c`, the constant, is another; all else is untouched."""
    module = importlib.import_module(f"{package}.corruptions")
    tree = ast.parse(textwrap.dedent(inspect.getsource(getattr(module, name))))
    target = next(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "c"
    )
    target.value = ast.parse(constant, mode="eval").body
    there = dict(vars(module))
    if shrink is not None:
        there["cv2"] = Shrunk(shrink)
    exec(compile(ast.fix_missing_locations(tree), f"<{package}.{name}>", "exec"), there)
    return there[name]


def corrupted(order: dict[str, Any], images: Any) -> Any:
    """Return uint8 [draws, images, height, width, channels]."""
    package, name, severity = order["package"], order["name"], order["severity"]
    reseed(order["seed"])
    if order["constant"] is None:

        def work(image: Any) -> Any:
            return MODULES[package].corrupt(image, severity=severity, corruption_name=name)
    else:
        changed = with_constant(package, name, order["constant"], order["shrink"])
        takes_arrays = package == "corrupt_tta"

        def work(image: Any) -> Any:
            return changed(image if takes_arrays else Image.fromarray(image), severity)

    # The cut to uint8 is that of the published code, which all but corrupt_tta do themselves.
    made = [[np.uint8(work(image)) for image in images] for _ in range(order["draws"])]
    return np.asarray(made)


def pool_worker(pipe: Connection) -> None:
    """Corrupt the images of a half, again and again; what comes out is thrown away."""
    images: Any = None
    while (order := pipe.recv()) is not None:
        if "images" in order:
            images = np.load(order["images"])["images"][order["part"] :: order["parts"]]
        else:
            corrupt = MODULES[order["package"]].corrupt
            for severity in order["severities"]:
                for image in images[: order["each"]]:
                    corrupt(image, severity=severity, corruption_name=order["name"])
        pipe.send(True)


class Pool:
    """Processes, one a core, that hold the images and are warm before a clock starts."""

    def __init__(self, size: int) -> None:
        self.pipes: list[Connection] = []
        for _ in range(size):
            ours, theirs = multiprocessing.Pipe()
            multiprocessing.Process(target=pool_worker, args=(theirs,), daemon=True).start()
            self.pipes.append(ours)

    def tell(self, order: dict[str, Any]) -> None:
        """Give all the same order, each its part, and wait until all are done."""
        for part, pipe in enumerate(self.pipes):
            pipe.send({**order, "part": part, "parts": len(self.pipes)})
        for pipe in self.pipes:
            pipe.recv()

    def seconds(self, order: dict[str, Any]) -> float:
        """Return how long the pool takes for an order, after a first image that is not counted."""
        if order["warm"]:
            self.tell({**order, "each": 1})
        start = time.perf_counter()
        self.tell({**order, "each": None})
        return time.perf_counter() - start


def versions() -> dict[str, str]:
    """Return distribution to version."""
    return {name: importlib.metadata.version(name) for name in (*PACKAGES.values(), *OTHERS)}


def main() -> None:
    """Serve until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # some rivals print
    pool: Pool | None = None
    for line in sys.stdin:
        order = json.loads(line)
        answer: Any = True
        match order["verb"]:
            case "versions":
                answer = versions()
            case "corrupt":
                images = np.load(order["images"])["images"]
                np.savez(order["out"], images=corrupted(order, images))
            case "pool":
                pool = Pool(order["size"])
                pool.tell({"images": order["images"]})
            case "load" if pool is not None:
                pool.tell({"images": order["images"]})
            case "time" if pool is not None:
                answer = pool.seconds(order)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
