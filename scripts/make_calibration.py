"""Count how often intervals hold and verdicts err, and write docs/calibration.md.

    make calibration                                          all of it, two processes
    .venv/bin/python scripts/make_calibration.py --share .05 --print    a twentieth of the studies, to look at
    .venv/bin/python scripts/make_calibration.py --only 'boundary-*' --print

Cells are dealt out to processes whole, the costly ones first; each hangs on nothing but its name, so
that figures are the same however many processes there are. With --cache a run that was interrupted
goes on where it stopped.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from fnmatch import fnmatch
from importlib.metadata import version
from pathlib import Path

# Read when NumPy is imported: one thread a process, or they stand in each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from underspec.testing.calibration import Cell, Counted, cells, counted, page

ROOT = Path(__file__).parents[1]
LEAST = 20


def dealt(
    chosen: list[Cell], share: float, processes: int, folder: Path | None
) -> Iterator[tuple[Cell, Counted]]:
    """Yield cells as they are done."""
    numbers = {cell.name: max(LEAST, round(share * cell.studies)) for cell in chosen}
    # Numbers drawn are what costs.
    order = sorted(chosen, key=lambda cell: -numbers[cell.name] * cell.k * cell.n * probes(cell))
    if processes == 1:
        yield from ((cell, counted(cell, numbers[cell.name], folder)) for cell in order)
        return
    with ProcessPoolExecutor(processes) as pool:
        jobs = {pool.submit(counted, cell, numbers[cell.name], folder): cell for cell in order}
        for job in as_completed(jobs):
            yield jobs[job], job.result()


def probes(cell: Cell) -> int:
    """Return how many probes a study has, the holdout included."""
    return 1 + int(getattr(cell.world, "probes", 1))


def made(seconds: float, share: float, processes: int, found: dict[str, Counted]) -> str:
    """Return the sentence on how the page was made."""
    own = sum(one.seconds for one in found.values())
    said = ", ".join(f"{name} {version(name)}" for name in ("underspec", "numpy", "scipy"))
    part = "" if share == 1 else f" **A quick look: {share:g} of the studies.**"
    return (
        f"**Made** with {said}: {len(found)} cells, {own / 60:.1f} minutes of processor time, "
        f"{seconds / 60:.1f} minutes on {processes} process{'es' if processes > 1 else ''}.{part}"
    )


def main() -> None:
    """Count and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--share", type=float, default=1.0, help="part of each cell's studies")
    parser.add_argument("--only", metavar="GLOB", default="*", help="cells of these names")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep and reuse counts here")
    parser.add_argument("--print", action="store_true", help="print the page, write nothing")
    asked = parser.parse_args()
    every = cells()
    chosen = [cell for cell in every if fnmatch(cell.name, asked.only)]
    if not chosen:
        sys.exit(f"No cell is named {asked.only!r}. Known: {', '.join(c.name for c in every)}.")
    if len(chosen) < len(every) and not asked.print:
        sys.exit("The page is of all cells: give --print as well to see some of them.")
    began, found = time.perf_counter(), {}
    for cell, done in dealt(chosen, asked.share, asked.processes, asked.cache):
        found[cell.name] = done
        at = time.perf_counter() - began
        print(
            f"{at:6.0f} s  {len(found):2d}/{len(chosen)}  {cell.name}: {done.studies} studies, "
            f"{done.seconds:.0f} s",
            file=sys.stderr,
            flush=True,
        )
    how = made(time.perf_counter() - began, asked.share, asked.processes, found)
    text = page([(cell, found[cell.name]) for cell in chosen], how)
    if asked.print:
        print(text)
    else:
        (ROOT / "docs" / "calibration.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
