"""Images a second of every corruption, ours against three packages, and our memory.

All work on the same photographs in the same run, interleaved, so that a disturbance of the machine
meets all of them. An image is counted at each of the five severities. Everyone may use all cores:

  us      one process, as the product does it; uint8 in, uint8 out
  theirs  the kindest fair setting: a pool of one process a core, which hold the photographs before the
          clock starts, have compiled and are warm, throw away what comes out (no copying between
          processes), and use one thread each for OpenCV, numba and BLAS

The ratio of a run is ours to the fastest of theirs in that run; figures are medians over runs. Memory is
the highest resident size of a process of ours while it corrupts, beyond what it had before and beyond
the images that come out (Linux only).

    python bench/stress.py --runs 5                    all 19, at 32 and 224 pixels
    python bench/stress.py --quick --rivals none       a look at whether it works
"""

import argparse
import ctypes
import json
import math
import os
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.rival_client import PACKAGES, Rivals
from bench.rival_photos import as_data, photographs

from underspec import stress
from underspec.core.cores import cores, threads
from underspec.core.streams import stream

CORRUPTIONS = (
    "gaussian_noise",
    "shot_noise",
    "impulse_noise",
    "speckle_noise",
    "defocus_blur",
    "glass_blur",
    "motion_blur",
    "zoom_blur",
    "gaussian_blur",
    "snow",
    "frost",
    "fog",
    "spatter",
    "brightness",
    "contrast",
    "saturate",
    "elastic_transform",
    "pixelate",
    "jpeg_compression",
)
SEVERITIES = (1, 2, 3, 4, 5)
IMAGES = {32: 960, 224: 48}
MEMORY = (32, 128, 512)


@dataclass(frozen=True)
class Row:
    """One corruption at one size; rates are images a second, medians over runs.

    Attributes:
        side: of the images in pixels.
        name: of the corruption.
        us: our rate.
        theirs: rate of each package.
        fastest: the package that is fastest.
        times: our rate in parts of the fastest of theirs.
        times_range: least and most over runs.
    """

    side: int
    name: str
    us: float
    theirs: dict[str, float]
    fastest: str | None
    times: float | None
    times_range: tuple[float, float] | None


def many(side: int, count: int) -> NDArray[np.uint8]:
    """Return the photographs over and over, so many in all."""
    made: NDArray[np.uint8] = np.resize(photographs(side), (count, side, side, 3))
    return made


def our_seconds(name: str, images: NDArray[np.uint8]) -> float:
    """Return how long we take for all severities."""
    member = stress.get(name, severities=SEVERITIES)
    data, key = as_data(images), stream(20, "stress")
    start = time.perf_counter()
    for probe in member(data, key):
        np.asarray(probe.data.inputs)
    return time.perf_counter() - start


def measured(
    name: str, side: int, images: NDArray[np.uint8], runs: int, rivals: Rivals | None
) -> Row:
    """Time one corruption, everyone in turn; who begins changes from run to run."""
    contenders = ["us", *(PACKAGES if rivals else ())]
    rates: dict[str, list[float]] = {who: [] for who in contenders}
    our_seconds(name, images[:2])
    for run in range(runs):
        turn = run % len(contenders)
        for who in contenders[turn:] + contenders[:turn]:
            if who == "us":
                seconds = our_seconds(name, images)
            else:
                assert rivals is not None
                seconds = rivals.seconds(who, name, SEVERITIES, warm=run == 0)
            rates[who].append(len(images) * len(SEVERITIES) / seconds)
    theirs = {who: statistics.median(rates[who]) for who in contenders[1:]}
    row = Row(side, name, statistics.median(rates["us"]), theirs, None, None, None)
    if not theirs:
        return row
    best = [max(run) for run in zip(*(rates[who] for who in theirs), strict=True)]
    ratios = [us / them for us, them in zip(rates["us"], best, strict=True)]
    fastest = max(theirs, key=lambda who: theirs[who])
    around = (min(ratios), max(ratios))
    return Row(side, name, row.us, theirs, fastest, statistics.median(ratios), around)


def resident(what: str) -> int:
    """Return a size of this process in bytes, ``VmRSS`` or ``VmHWM`` (the highest so far)."""
    rows = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(row.split()[1]) << 10 for row in rows if row.startswith(what))


def say_memory(name: str, side: int, count: int) -> None:
    """Print the bytes that one corruption of so many images takes on top; for a process of its own."""
    images = many(side, count)
    our_seconds(name, images[:1])
    data, member = as_data(images), stress.get(name, severities=(3,))
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:  # what is free but not given back would hide what comes
        trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the highest so far is now
    before = resident("VmRSS")
    made = [np.asarray(probe.data.inputs) for probe in member(data, stream(20, "stress"))]
    print(max(0, resident("VmHWM") - before - sum(m.nbytes for m in made)))


def memory(name: str, side: int, counts: tuple[int, ...]) -> list[int]:
    """Return the bytes on top for each number of images."""
    command = [sys.executable, __file__, "--memory-of", name, str(side)]
    return [
        int(subprocess.run([*command, str(count)], capture_output=True, check=True).stdout)
        for count in counts
    ]


def mean_ratio(rows: list[Row]) -> float:
    """Return the geometric mean of the ratios."""
    return math.exp(statistics.fmean(math.log(row.times) for row in rows if row.times))


def show(row: Row) -> None:
    """Print a line of the table."""
    cells = [row.name, f"{row.us:,.0f}", *(f"{rate:,.0f}" for rate in row.theirs.values())]
    if row.times and row.times_range:
        low, high = row.times_range
        cells += [row.fastest or "", f"{row.times:.2f} ({low:.2f}-{high:.2f})"]
    print("| " + " | ".join(cells) + " |", flush=True)


def speed(asked: argparse.Namespace, rivals: Rivals | None) -> list[Row]:
    """Time all that was asked for, print it and return it."""
    rows: list[Row] = []
    for side in asked.sides:
        images = many(side, asked.images or IMAGES.get(side, 100))
        if rivals:
            rivals.load(images)
        print(f"\n## {side} px: images a second ({len(images)} images, 5 severities each)\n")
        heads = ["corruption", "us", *(PACKAGES if rivals else ())]
        heads += ["fastest of theirs", "us to fastest (range)"] if rivals else []
        print("| " + " | ".join(heads) + " |\n|---|" + "---:|" * (len(heads) - 1), flush=True)
        here = []
        for name in asked.only:
            here.append(measured(name, side, images, asked.runs, rivals))
            show(here[-1])
        if rivals:
            faster = sum((row.times or 0) > 1 for row in here)
            print(f"\nGeometric mean {mean_ratio(here):.2f} times the fastest of theirs; "
                  f"faster on {faster} of {len(here)}.")  # fmt: skip
        rows += here
    return rows


def sizes(asked: argparse.Namespace) -> dict[str, list[int]]:
    """Measure memory, print it and return it."""
    if not Path("/proc/self/clear_refs").exists():
        return {}
    counts = (2, 4) if asked.quick else MEMORY
    side = asked.sides[-1]
    print(f"\n## Memory beyond the result at {side} px, MiB, by number of images\n")
    print("| corruption | " + " | ".join(map(str, counts)) + " |\n|---|" + "---:|" * len(counts))
    found = {}
    for name in asked.only:
        found[name] = memory(name, side, counts)
        print(
            f"| {name} | " + " | ".join(f"{b / 2**20:.0f}" for b in found[name]) + " |", flush=True
        )
    return found


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sides", type=int, nargs="+", default=[32, 224])
    parser.add_argument("--runs", type=int, default=5, help="interleaved runs of each row")
    parser.add_argument("--images", type=int, help="how many; else 960 at 32 px, 48 at 224")
    parser.add_argument("--only", nargs="+", choices=CORRUPTIONS, default=list(CORRUPTIONS))
    parser.add_argument("--rivals", choices=["all", "none"], default="all")
    parser.add_argument("--quick", action="store_true", help="one corruption, few images, one run")
    parser.add_argument("--json", metavar="FILE", help="write the rows there as well")
    parser.add_argument("--memory-of", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.memory_of:
        name, side, count = asked.memory_of
        say_memory(name, int(side), int(count))
        return
    if asked.quick:
        asked.sides, asked.runs, asked.images, asked.only = [32], 1, 6, ["contrast"]
    for name in asked.only:
        stress.load(name)
    print(f"{cores()} cores, {threads()} threads of ours, load of the machine at the start "
          f"{os.getloadavg()[0]:.1f}, {asked.runs} runs")  # fmt: skip
    if asked.rivals == "all":
        with Rivals() as rivals:
            print(", ".join(f"{name} {number}" for name, number in rivals.versions().items()))
            rivals.pool(cores(), many(32, 1))
            rows = speed(asked, rivals)
    else:
        rows = speed(asked, None)
    found = {"rows": [asdict(row) for row in rows], "memory": sizes(asked)}
    if asked.json:
        Path(asked.json).write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
