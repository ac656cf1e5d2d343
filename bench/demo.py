"""Run the demo twice in a new folder and print time, peak memory and size on disk.

Memory is the proportional set size (pages shared between processes count once) summed over the
process and its workers, read from /proc ten times a second; so Linux only.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def family(root: int) -> list[int]:
    """Return a process and all below it."""
    found = [root]
    for pid in found:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                found.extend(int(child) for child in children.read_text().split())
            except OSError:  # a thread that has just ended
                continue
    return found


def memory(pid: int) -> int:
    """Return a process's proportional set size in bytes; 0 for one that has ended."""
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(row.split()[1]) << 10 for row in rows if row.startswith("Pss:")), 0)


def watched(command: list[str]) -> tuple[float, int]:
    """Run a command; return wall seconds and peak bytes."""
    start, peak = time.perf_counter(), 0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        peak = max(peak, sum(memory(pid) for pid in family(process.pid)))
        time.sleep(0.1)
    if process.returncode:
        sys.exit(f"The demo ended with status {process.returncode}.")
    return time.perf_counter() - start, peak


def main() -> None:
    """Print the figures of one run and of a second, which finds nothing to do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trainer", default="torch")
    parser.add_argument("--variants", type=int)
    parser.add_argument("--out", help="keep the study here; a temporary folder if not given")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        out = given.out or f"{scratch}/demo"
        command = [sys.executable, "-m", "underspec", "demo", "--trainer", given.trainer]
        command += ["--out", out, "--no-open"]
        if given.variants:
            command += ["--variants", str(given.variants)]
        first, peak = watched(command)
        second, _ = watched(command)
        size = sum(p.stat().st_size for p in Path(out).rglob("*") if p.is_file())
        found = json.loads((Path(out) / "findings.json").read_text())
        print(
            f"first run {first:.0f} s, peak memory {peak / 2**30:.2f} GiB, second run {second:.1f} s"
        )
        print(
            f"study folder {size / 2**20:.0f} MiB, report {Path(out, 'report.html').stat().st_size / 2**20:.2f} MiB"
        )
        for probe in found["probes"]:
            spread = probe["spread"]
            print(
                f"{probe['name']:20} {probe['verdict']:15} mean {probe['mean']['value']:.4f} "
                f"true spread {spread['true']:.4f} gap {probe['gap']['value']:.4f} n {probe['n']}"
            )


if __name__ == "__main__":
    main()
