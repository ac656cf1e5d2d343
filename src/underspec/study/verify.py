"""Looking for damaged files of a study, so that they are computed again."""

import json

from underspec.core.errors import StudyError
from underspec.core.events import Events
from underspec.core.store import Store, sha256
from underspec.study.block import read_done
from underspec.study.record import forget
from underspec.study.tables import unpack_examples

__all__ = ["verify"]


def verify(store: Store, events: Events) -> None:
    """Drop every block and probe of which a file is missing or damaged, and say so.

    Findings, tables and report are made anew from what is left.
    """
    for block in store.names("blocks"):
        reason = _damage(store, block)
        if reason is not None:
            events.say("warning", message=f"Block {block} is computed again: {reason}.")
            store.remove(f"blocks/{block}")
    damaged = [name for name in store.names("probes") if not _opens(store, f"probes/{name}")]
    if damaged:
        message = f"The list of probes is made again: probes/{damaged[0]} is damaged."
        events.say("warning", message=message)
        store.remove("probes")
    forget(store)


def _damage(store: Store, block: str) -> str | None:
    try:
        done = read_done(store, block)
    except StudyError:
        return "done.json is damaged"
    if done is None:
        return None
    for name, expected in done.files.items():
        try:
            content = store.read(f"blocks/{block}/{name}")
        except FileNotFoundError:
            return f"{name} is missing"
        if sha256(content) != expected:
            return f"{name} differs from its checksum"
    return None


def _opens(store: Store, name: str) -> bool:
    content = store.read(name)
    try:
        if name.endswith(".json"):
            json.loads(content)["probes"]
        else:
            unpack_examples(content, name)
    except (StudyError, ValueError, KeyError, TypeError):
        return False
    return True
