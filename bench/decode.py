"""Read synthetic JPEG files through `ImageFiles` and through a plain Pillow loop.

The files are drawn by this script: smooth blots and noise, about 500 x 375 pixels, quality 90, in a
temporary folder; nothing in them is a photograph. All contenders do the same work, to RGB, shorter
side to 256, middle of 224. Their rounds are interleaved, so that a disturbance of the machine meets
all of them; a figure is the median over rounds. CPU time, of all threads together, is told as well:
it hangs less on what else the machine does. Each contender reads in a process of its own, whose
peak of resident memory is told beyond what it was before the first file, with Python, NumPy, Pillow
and this package loaded. Linux only.

    python bench/decode.py                 10,000 files, three rounds
    python bench/decode.py --count 400     a quick look
"""

import argparse
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from underspec.core.cores import cores
from underspec.core.lazy import Lazy, chunks
from underspec.data.images.files import ImageFiles
from underspec.data.images.preparation import Preparation

PREPARATION = Preparation(resize=256, crop=224)


class Read(NamedTuple):
    """What one reading took."""

    seconds: float
    busy: float
    peak: int
    total: int


def draw(path: str) -> None:
    """Write one synthetic picture; its name decides what is in it."""
    number = int(Path(path).stem)
    draws = np.random.default_rng(number)
    width, height = (int(side) for side in draws.integers((460, 345), (541, 406)))
    coarse = draws.integers(0, 256, (12, 16, 3), dtype=np.uint8)
    smooth = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    noisy = np.asarray(smooth, np.float32) + draws.normal(0, 8, (height, width, 3))
    Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(path, quality=90)


def plain(paths: list[str]) -> int:
    """Read one file after another, as it is mostly written, and keep none."""
    total = 0
    for path in paths:
        with Image.open(path) as file:
            picture = file.convert("RGB")
        width, height = picture.size
        if width <= height:
            picture = picture.resize((256, int(256 * height / width)), Image.Resampling.BILINEAR)
        else:
            picture = picture.resize((int(256 * width / height), 256), Image.Resampling.BILINEAR)
        left, top = (round((side - 224) / 2) for side in picture.size)
        total += int(np.asarray(picture.crop((left, top, left + 224, top + 224))).sum())
    return total


def ours(paths: list[str]) -> int:
    """Read in chunks, with as many threads as OMP_NUM_THREADS says."""
    inputs = Lazy.of(ImageFiles(paths, PREPARATION))
    return sum(int(chunk.inputs.sum()) for chunk in chunks(inputs))


def measure(
    answer: Connection, work: Callable[[list[str]], int], threads: int, folder: str
) -> None:
    """Read all files and send back what it took."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    paths = sorted(str(path) for path in Path(folder).iterdir())
    work(paths[:1])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, used = time.perf_counter(), time.process_time()
    total = work(paths)
    seconds, busy = time.perf_counter() - start, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    answer.send(Read(seconds, busy, peak << 10, total))


def in_a_process(work: Callable[[list[str]], int], threads: int, folder: str) -> Read:
    """Read in a new process."""
    # Spawned: a forked one would start with the peak of this one.
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=measure, args=(there, work, threads, folder))
    process.start()
    there.close()
    try:
        return here.recv()
    finally:
        process.join()


CONTENDERS: dict[str, tuple[Callable[[list[str]], int], int]] = {
    "plain Pillow loop": (plain, 1),
    "ImageFiles, 1 thread": (ours, 1),
    "ImageFiles, 2 threads": (ours, 2),
}


def main() -> None:
    """Draw the files, read them, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="files")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{folder}/{i:06d}.jpg" for i in range(given.count)]
        with ProcessPoolExecutor(cores(), multiprocessing.get_context("spawn")) as pool:
            list(pool.map(draw, paths, chunksize=50))
        size = statistics.mean(Path(path).stat().st_size for path in paths)
        read: dict[str, list[Read]] = {name: [] for name in CONTENDERS}
        for _ in range(given.rounds):
            for name, (work, threads) in CONTENDERS.items():
                read[name].append(in_a_process(work, threads, folder))
        if len({each.total for rounds in read.values() for each in rounds}) > 1:
            raise SystemExit("The contenders did not read the same pixels.")
        start = time.perf_counter()
        Lazy.of(ImageFiles(paths, PREPARATION)).digest()
        hashed = time.perf_counter() - start
    print(
        f"{given.count:,} synthetic JPEG files of about 500 x 375 pixels, {size / 1024:.0f} KiB each; "
        f"{cores()} cores, {given.rounds} rounds.\n"
    )
    print(
        "| reader | images/s | against the plain loop | CPU ms an image | peak beyond the start |"
    )
    print("|---|---|---|---|---|")
    for name, rounds in read.items():
        rate = statistics.median(given.count / each.seconds for each in rounds)
        ratio = statistics.median(
            base.seconds / each.seconds
            for base, each in zip(read["plain Pillow loop"], rounds, strict=True)
        )
        busy = statistics.median(each.busy for each in rounds) / given.count * 1000
        peak = max(each.peak for each in rounds) / 2**20
        print(f"| {name} | {rate:.0f} | {ratio:.2f} | {busy:.2f} | {peak:.0f} MiB |")
    print(f"\nThe digest of all files took {hashed:.1f} s ({given.count / hashed:.0f} files/s).")


if __name__ == "__main__":
    main()
