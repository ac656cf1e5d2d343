"""How much of this machine a process may use."""

import os

__all__ = ["cores", "threads"]


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads() -> int:
    """Return how many threads one process should use: ``OMP_NUM_THREADS``, else one a core.

    Workers, of which there is one a core, are started with ``OMP_NUM_THREADS=1``.
    """
    said = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, int(said)) if said.isdecimal() else cores()
