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

from underspec.core.errors import UnderspecError, UsageError
from underspec.core.store import Store

__all__ = ["only_driver"]

_NAME = "driver.json"
_BEAT = 5.0
_ATTEMPTS = 10


def _machine() -> str:
    """Return a hash, so that the folder names no host, of where process ids mean the same."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    text = boot.read_text() if boot.exists() else platform.node()
    # Containers on one machine share the boot, but each numbers its processes from 1.
    with suppress(OSError):
        text += str(Path("/proc/self/ns/pid").readlink())
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _stat(pid: int) -> list[str]:
    """Return the fields of a process from the third on, none where the system does not tell."""
    try:
        # The second field is the program's name, which may hold spaces and brackets.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _started(pid: int) -> int | None:
    """Return when a process started, in clock ticks since the boot; None where unknown."""
    fields = _stat(pid)
    return int(fields[19]) if len(fields) > 19 else None


def _alive(pid: int, started: int | None) -> bool:
    """Say whether this very process lives, not another one that was given its number."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    # A killed driver that nobody has waited for yet still answers; it no longer writes.
    if _stat(pid)[:1] == ["Z"]:
        return False
    now = _started(pid)
    return started is None or now is None or now == started


def _look(store: Store) -> bytes | None:
    try:
        return store.read(_NAME)
    except FileNotFoundError:
        return None


def _claim(data: bytes | None) -> dict[str, Any] | None:
    """Return what a claim says, None where it cannot be read."""
    try:
        found = json.loads(data or b"")
    except ValueError:
        return None
    if not isinstance(found, dict) or not isinstance(found.get("token"), str):
        return None
    pid = found.get("pid")
    return found if isinstance(pid, int) and pid > 0 else None


def _stale(store: Store, data: bytes, beat: float) -> bool:
    claim = _claim(data)
    if claim is not None and claim.get("machine") == _machine():
        return not _alive(claim["pid"], claim.get("started"))
    # Clocks of two machines may differ, so watch whether the count moves rather than the time. A
    # claim that cannot be read may be one that is being written, so it is watched just as long.
    for _ in range(3):
        time.sleep(beat)
        if _look(store) != data:
            return False
    return True


def _busy(store: Store, data: bytes | None) -> UsageError:
    claim = _claim(data)
    who = f" (pid {claim['pid']})" if claim else ""
    return UsageError(
        f"Another process{who} is writing the study in {store}. Wait for it, "
        "stop it, or give another --out."
    )


def _put_aside(store: Store, judged: bytes) -> None:
    """Take a stale claim away; only one of several processes that judged it succeeds.

    Raises:
        UsageError: meanwhile another process has taken the study over.
    """
    if _look(store) != judged:
        return  # another was faster; a claim moved without need would be missing for a moment
    aside = f".{secrets.token_hex(8)}.driver"
    try:
        store.move(_NAME, aside)
    except FileNotFoundError:
        return
    moved = store.read(aside)
    if moved != judged:
        store.create(_NAME, moved)
    store.remove(aside)
    if moved != judged:
        raise _busy(store, moved)


def _breathe(store: Store, mine: dict[str, Any], beat: float, ended: threading.Event) -> None:
    """Count up in our claim until it is another's."""
    while not ended.wait(beat):
        # A missed beat must not end a study; the next may be heard.
        with suppress(OSError, UnderspecError):
            claim = _claim(_look(store))
            if claim is None:
                continue
            if claim["token"] != mine["token"]:
                return
            mine["beat"] += 1
            store.write(_NAME, json.dumps(mine).encode())


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
        "started": _started(os.getpid()),
        "token": secrets.token_hex(8),
        "beat": 0,
    }
    _acquire(store, json.dumps(mine).encode(), beat)
    ended = threading.Event()
    thread = threading.Thread(target=_breathe, args=(store, mine, beat, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        claim = _claim(_look(store))
        if claim is not None and claim["token"] == mine["token"]:
            store.remove(_NAME)


def _acquire(store: Store, mine: bytes, beat: float) -> None:
    found: bytes | None = None
    for _ in range(_ATTEMPTS):
        if store.create(_NAME, mine):
            return
        found = _look(store)
        if found is None:
            continue  # released between the two
        if _stale(store, found, beat):
            _put_aside(store, found)
            continue
        found = _look(store)
        if _claim(found) is not None:
            break
    raise _busy(store, found)
