"""The statistics of a study against a plain loop and scipy's bootstrap, and how they grow.

Three contenders make 95 % intervals over variants and examples at once, from right and wrong answers,
for holdout and probes: of mean, drop, spread, gap and ratio.

  us     `judge` and `relate` of this package: these intervals with the noise of the examples taken
         out, verdicts, adjusted p, and the relations of all pairs of probes besides
  loop   the Multi-Bootstrap as it is mostly written: draw variants and examples with replacement,
         index, average; percentiles of 1,000 draws. It takes no noise out
  scipy  the same draws by `scipy.stats.bootstrap` over two samples, variants and examples

Each contender runs in a process of its own with one thread; data are made before the clock starts,
which counts processor time: what a core that does nothing else would take.
The loops are run on some probes and taken as many times as there are probes; runs are interleaved,
and a factor is the median over runs of the ratio within a run. Memory is the peak of the process,
with everything that it has imported. *Whole* is `underspec analyse` as users call it, on one file a
probe and variant: reading, all findings, choices and the report; wall time, whatever cores it takes.

    python bench/stats.py                         50 variants, 100 probes of 10,000 examples, growth
    python bench/stats.py --runs 1 --probes 8     a quick look
"""

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

VARIANTS = (5, 10, 20, 50, 100, 200)
EXAMPLES = (100, 1_000, 10_000, 100_000)
BAR = 24
CLASSES = 10
UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Size:
    """How large a study is.

    Attributes:
        variants: variants.
        examples: examples a probe.
        probes: probes besides the holdout.
        resamples: draws of the loops.
    """

    variants: int
    examples: int
    probes: int
    resamples: int = 1000


class Taken(NamedTuple):
    """What a contender took.

    Attributes:
        seconds: of processor time, all probes together.
        peak: bytes.
        widths: mean width of the intervals of mean and spread, to see that all do the same.
    """

    seconds: float
    peak: int
    widths: tuple[float, float]


def answers(size: Size, probe: int) -> np.ndarray:
    """Return right (1) and wrong (0) answers of one probe, [variants, examples], bytes."""
    generator = np.random.default_rng((20, probe))
    skill = 1.2 + 0.15 * (1 + probe % 3) * generator.standard_normal((size.variants, 1))
    hard = generator.standard_normal(size.examples, dtype=np.float32)
    luck = generator.standard_normal((size.variants, size.examples), dtype=np.float32)
    return (luck + 1.5 * hard > -skill).astype(np.int8)


def ours(size: Size, made: list[np.ndarray]) -> tuple[float, float]:
    """Judge and relate; probes are turned to evidence one at a time, under the clock."""
    from underspec.measure import Evidence, Scale, judge, relate

    ids = tuple(f"v{v:03d}" for v in range(size.variants))
    images = np.array([f"image-{i}" for i in range(size.examples)])

    def evidence(probe: int) -> Evidence:
        name = f"probe_{probe:02d}" if probe else "holdout"
        kind = "shifted" if probe else "holdout"
        right = made[probe].astype(np.float64)
        return Evidence(name, name, kind, name, None, ids, right, images)

    held = []

    def seen() -> Iterator[Evidence]:
        for probe in range(1, len(made)):
            held.append(evidence(probe))
            yield held[-1]

    holdout = evidence(0)
    found = judge(
        holdout,
        seen(),
        kept=ids,
        metric_name="accuracy",
        metric=Scale(),
        epsilon=0.01,
        max_drop=0.05,
    )
    relate([holdout, *held], kept=ids)
    mean = statistics.mean((one.mean.high or 1) - (one.mean.low or 0) for one in found[1:])
    spread = statistics.mean((one.spread.high or 1) - (one.spread.low or 0) for one in found[1:])
    return mean, spread


def figures(lab: np.ndarray, field: np.ndarray) -> np.ndarray:
    """Return mean, drop, spread, gap and ratio of variants' means."""
    spread, apart = field.std(ddof=1), np.abs(field[:, None] - field[None, :])
    gap = apart.sum() / (len(field) * (len(field) - 1))
    return np.array(
        [field.mean(), lab.mean() - field.mean(), spread, gap, spread / lab.std(ddof=1)]
    )


def loop(size: Size, made: list[np.ndarray]) -> tuple[float, float]:
    """Draw, index and average, one draw after another."""
    generator, widths = np.random.default_rng(1), []
    lab = made[0].astype(np.float64)
    for field in (one.astype(np.float64) for one in made[1:]):
        drawn = np.empty((size.resamples, 5))
        for at in range(size.resamples):
            rows = generator.integers(size.variants, size=size.variants)
            columns = generator.integers(size.examples, size=size.examples)
            picked = np.ix_(rows, columns)
            drawn[at] = figures(lab[picked].mean(axis=1), field[picked].mean(axis=1))
        low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
        widths.append(high - low)
    both = np.mean(widths, axis=0)
    return float(both[0]), float(both[2])


def scipys(size: Size, made: list[np.ndarray]) -> tuple[float, float]:
    """Do the same by `scipy.stats.bootstrap`, variants and examples as two samples."""
    from scipy.stats import bootstrap

    lab, widths = made[0].astype(np.float64), []
    samples = np.arange(size.variants), np.arange(size.examples)
    for field in (one.astype(np.float64) for one in made[1:]):

        def drawn(rows: np.ndarray, columns: np.ndarray, field: np.ndarray = field) -> np.ndarray:
            picked = np.ix_(rows, columns)
            return figures(lab[picked].mean(axis=1), field[picked].mean(axis=1))

        found = bootstrap(
            samples,
            drawn,
            vectorized=False,
            n_resamples=size.resamples,
            method="percentile",
            rng=np.random.default_rng(1),
        ).confidence_interval
        widths.append(found.high - found.low)
    both = np.mean(widths, axis=0)
    return float(both[0]), float(both[2])


CONTENDERS: dict[str, Callable[[Size, list[np.ndarray]], tuple[float, float]]] = {
    "us": ours,
    "loop": loop,
    "scipy": scipys,
}


def run(name: str, size: Size) -> Taken:
    """Run one contender here, on data made beforehand, its imports done."""
    small = Size(12, 60, 1, 2)
    CONTENDERS[name](small, [answers(small, probe) for probe in range(2)])
    made = [answers(size, probe) for probe in range(1 + size.probes)]
    began = time.process_time()
    widths = CONTENDERS[name](size, made)
    seconds = time.process_time() - began
    return Taken(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT, widths)


def alone(name: str, size: Size) -> Taken:
    """Run one contender in a new process of one thread."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(run, (name, size))


class Whole(NamedTuple):
    """Wall and processor seconds and peak bytes of `underspec analyse`."""

    seconds: float
    processor: float
    peak: int


def whole(size: Size) -> Whole:
    """Write answers a file each, to a folder that is removed after, and have them analysed."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        np.save(folder / "labels.npy", np.arange(size.examples) % CLASSES)
        for probe in range(1 + size.probes):
            at = folder / "said" / (f"probe-{probe}" if probe else "holdout")
            at.mkdir(parents=True)
            wrong = 1 - answers(size, probe)
            for variant, row in enumerate((np.arange(size.examples) + wrong) % CLASSES):
                np.save(at / f"v{variant:03d}.npy", row.astype(np.int8))
        command = [
            sys.executable,
            "-m",
            "underspec",
            "analyse",
            f"{folder}/said/{{probe}}/{{variant}}.npy",
        ]
        command += ["--labels", f"{folder}/labels.npy", "--holdout", "holdout", "--epsilon", "0.2"]
        command += ["--out", f"{folder}/study", "--no-open"]
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"The analysis ended with status {process.returncode}.")
        seconds = time.perf_counter() - began
        return Whole(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * UNIT)


@dataclass(frozen=True)
class Compared:
    """One contender over all runs; seconds for all probes, factors to ours."""

    contender: str
    seconds: float
    times_ours: float
    times_range: tuple[float, float]
    peak: int
    widths: tuple[float, float]


def compared(size: Size, runs: int, sample: int) -> list[Compared]:
    """Return the contenders; the loops run on `sample` probes and are scaled up."""
    taken: dict[str, list[Taken]] = {name: [] for name in CONTENDERS}
    part = Size(size.variants, size.examples, min(sample, size.probes), size.resamples)
    for _ in range(runs):
        for name in CONTENDERS:
            once = alone(name, size if name == "us" else part)
            scale = 1 if name == "us" else size.probes / part.probes
            taken[name].append(once._replace(seconds=once.seconds * scale))
    found = []
    for name, all_runs in taken.items():
        ratios = [one.seconds / us.seconds for one, us in zip(all_runs, taken["us"], strict=True)]
        found.append(
            Compared(
                contender=name,
                seconds=statistics.median(one.seconds for one in all_runs),
                times_ours=statistics.median(ratios),
                times_range=(min(ratios), max(ratios)),
                peak=max(one.peak for one in all_runs),
                widths=all_runs[0].widths,
            )
        )
    return found


@dataclass(frozen=True)
class Grown:
    """Our time at one size: milliseconds a probe, and the power by which it grew since the last."""

    along: str
    variants: int
    examples: int
    probes: int
    milliseconds: float
    power: float | None


def grown(runs: int, probes: int) -> list[Grown]:
    """Return our time at growing numbers of variants, then of examples."""
    sizes = [("variants", Size(k, 10_000, probes)) for k in VARIANTS]
    sizes += [("examples", Size(50, n, probes)) for n in EXAMPLES]
    found: list[Grown] = []
    for along, size in sizes:
        seconds = statistics.median(alone("us", size).seconds for _ in range(runs))
        here, power = 1000 * seconds / probes, None
        if found and found[-1].along == along:
            last = found[-1]
            by = size.variants / last.variants * size.examples / last.examples
            power = float(np.log(here / last.milliseconds) / np.log(by))
        found.append(Grown(along, size.variants, size.examples, probes, here, power))
    return found


def show(size: Size, rows: list[Compared]) -> None:
    """Print the contenders."""
    print(
        f"{size.variants} variants, {size.probes} probes and the holdout of {size.examples:,} examples, one thread"
    )
    print(
        f"{'':6s} {'seconds':>9s} {'of ours':>9s} {'(range)':>15s} {'peak MiB':>9s}   mean width of mean, spread"
    )
    for row in rows:
        low, high = row.times_range
        print(
            f"{row.contender:6s} {row.seconds:9.2f} {row.times_ours:8.1f}x {f'({low:.1f}-{high:.1f})':>15s}"
            f" {row.peak / 2**20:9.0f}   {row.widths[0]:.4f}, {row.widths[1]:.4f}",
            flush=True,
        )


def plot(rows: list[Grown]) -> None:
    """Print our time a probe with a bar, a step of which is the same factor everywhere."""
    times = [row.milliseconds for row in rows]
    low, high = np.log(min(times)), np.log(max(times))
    print(f"\nours as it grows, milliseconds a probe (of {rows[0].probes}; bars are logarithmic)")
    print(f"{'variants':>9s} {'examples':>9s} {'ms':>9s}  {'grows by power':>14s}")
    for row in rows:
        bar = "#" * (1 + round(BAR * (np.log(row.milliseconds) - low) / max(high - low, 1e-9)))
        power = "" if row.power is None else f"{row.power:.2f}"
        print(
            f"{row.variants:9d} {row.examples:9,d} {row.milliseconds:9.2f}  {power:>14s}  {bar}",
            flush=True,
        )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3, help="interleaved runs")
    parser.add_argument("--variants", type=int, default=50)
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--probes", type=int, default=100)
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--sample", type=int, default=2, help="probes that the loops are run on")
    parser.add_argument("--no-whole", action="store_true", help="leave out the whole analysis")
    parser.add_argument("--growth", type=int, default=8, metavar="PROBES", help="0 for none")
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    asked = parser.parse_args()
    size = Size(asked.variants, asked.examples, asked.probes, asked.resamples)
    print(f"load of the machine at the start: {os.getloadavg()[0]:.1f}")
    rows = compared(size, asked.runs, asked.sample)
    show(size, rows)
    taken = None if asked.no_whole else whole(size)
    if taken is not None:
        print(
            f"whole  {taken.processor:9.2f} {f'({taken.seconds:.1f} wall)':>25s} {taken.peak / 2**20:9.0f}",
            flush=True,
        )
    growth = grown(asked.runs, asked.growth) if asked.growth else []
    if growth:
        plot(growth)
    if asked.json:
        found = {
            "compared": [asdict(r) for r in rows],
            "whole": taken and taken._asdict(),
            "grown": [asdict(r) for r in growth],
        }
        Path(asked.json).write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
