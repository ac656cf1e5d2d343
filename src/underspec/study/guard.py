"""One driver a study: a file that says who writes, with a heartbeat."""

import hashlib
import json
import os
import platform
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from underspec.core.errors import StudyError, UsageError
from underspec.core.store import Store

__all__ = ["only_driver"]

_NAME = "driver.json"
_BEAT = 5.0


def _machine() -> str:
    # A hash, so that the folder names no host.
    boot = Path("/proc/sys/kernel/random/boot_id")
    text = boot.read_text() if boot.exists() else platform.node()
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # A killed driver that nobody has waited for yet still answers; it no longer writes.
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return True


def _look(store: Store) -> dict[str, Any] | None:
    try:
        found = json.loads(store.read(_NAME))
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _stale(store: Store, found: dict[str, Any], beat: float) -> bool:
    if found.get("machine") == _machine():
        return not _alive(int(found["pid"]))
    # Clocks of two machines may differ, so watch whether the count moves rather than the time.
    time.sleep(3 * beat)
    return _look(store) == found


@contextmanager
def only_driver(store: Store, beat: float = _BEAT) -> Iterator[None]:
    """Hold a study for writing.

    Args:
        store: the study folder.
        beat: seconds between signs of life; three missed ones free the study.

    Raises:
        UsageError: another process is writing it.
    """
    mine: dict[str, Any] = {
        "pid": os.getpid(),
        "machine": _machine(),
        "token": secrets.token_hex(8),
        "beat": 0,
    }

    def encoded() -> bytes:
        return json.dumps(mine).encode()

    while not store.create(_NAME, encoded()):
        found = _look(store)
        if found is not None and not _stale(store, found, beat):
            raise UsageError(
                f"Another process (pid {found['pid']}) is writing the study in {store}. Wait for it, "
                "stop it, or give another --out."
            )
        store.remove(_NAME)
    ended = threading.Event()

    def breathe() -> None:
        while not ended.wait(beat):
            mine["beat"] = mine["beat"] + 1
            # A missed beat must not end a study; the next may be heard.
            with suppress(OSError, StudyError):
                store.write(_NAME, encoded())

    thread = threading.Thread(target=breathe, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        store.remove(_NAME)
