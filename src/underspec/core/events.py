"""What happens in a study, said once: kept in its folder, shown by whoever listens."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from underspec.core.store import Store

__all__ = ["Events", "Listener"]

Listener: TypeAlias = Callable[[Mapping[str, Any]], None]


class Events:
    """Hands each event to the listeners and keeps it in a file of the study.

    Args:
        store: the study folder.
        listeners: called with each event, in order.
    """

    def __init__(self, store: Store, listeners: Sequence[Listener] = ()) -> None:
        self._store = store
        self._listeners = tuple(listeners)
        taken = store.names("events")
        self._name = f"events/{len(taken):04d}.jsonl"

    def say(self, event: str, **details: Any) -> None:
        """Tell that something happened."""
        record = {"event": event, **details}
        line = json.dumps({"time": round(time.time(), 3), **record}, default=str)
        self._store.append(self._name, (line + "\n").encode())
        for listener in self._listeners:
            listener(record)
