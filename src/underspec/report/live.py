"""Progress of a running study: a bar on a terminal or in a notebook, plain lines elsewhere."""

import logging
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from underspec.report.numbers import duration
from underspec.report.shown import plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

__all__ = ["Live"]


class Live:
    """A listener that draws what the events of a study say.

    On a terminal it holds one bar at the bottom, and what is logged or printed meanwhile scrolls by
    above it. Elsewhere it writes a line a finished block, not more often than every few seconds.

    Args:
        console: where to draw, standard error if None.
        every: seconds between lines, at least; the last block always gets its own.
        clock: returns seconds that only rise.
    """

    def __init__(
        self,
        console: "Console | None" = None,
        *,
        every: float = 3.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        from rich.console import Console

        self._console = console or Console(stderr=True)
        self._every, self._clock = every, clock
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._moved: list[tuple[logging.StreamHandler[Any], Any]] = []
        self._blocks = self._variants = self._done = 0
        self._started = clock()
        self._last = -every
        self._stage = ""

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Draw one event; an unknown one is passed over."""
        kind = event.get("event")
        if kind == "stage":
            self._enter(event)
        elif kind == "block_done":
            self._block(event)
        elif kind == "variant_failed":
            self._say(f"{event.get('variant')} failed: {event.get('reason')}")
        elif kind == "block_failed":
            self._say(f"block {event.get('block')} failed: {event.get('reason')}")
        elif kind == "warning":
            self._say(f"warning: {event.get('message')}")

    update = __call__

    def start(self, total_blocks: int, total_variants: int) -> None:
        """Begin counting blocks; the time left is told from here on."""
        self._blocks, self._variants, self._done = total_blocks, total_variants, 0
        self._started = self._clock()
        self._raise_bar()

    def finish(self) -> None:
        """Take the bar down and give the log its stream back; may be called again."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        for handler, stream in self._moved:
            handler.setStream(stream)
        self._moved = []

    close = finish

    def _enter(self, event: Mapping[str, Any]) -> None:
        stage = plain(event.get("stage", ""), 60)
        if stage != "train":
            self.finish()
        self._stage = stage
        detail = plain(event.get("detail", ""))
        self._say(f"{stage}: {detail}" if detail else stage)
        if stage == "train":
            self.start(int(event.get("blocks", 0)), int(event.get("variants", 0)))

    def _block(self, event: Mapping[str, Any]) -> None:
        done, of = int(event.get("done", 0)), int(event.get("of", 0))
        if self._blocks != of:
            self._blocks = of
            self._raise_bar()
        self._done += len(event.get("variants", ()))
        said = self._progress(done, of)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=of, said=said)
            return
        now = self._clock()
        if done == of or now - self._last >= self._every:
            self._last = now
            self._say(f"block {done} of {of} done{said}")

    def _progress(self, done: int, of: int) -> str:
        counted = f"{self._done} of {self._variants} variants" if self._variants else ""
        left = ""
        if 0 < done < of:
            # Blocks are of one size, so the mean of those done tells the others.
            left = f"about {duration((self._clock() - self._started) / done * (of - done))} left"
        parts = [part for part in (counted, left) if part]
        return f" ({', '.join(parts)})" if parts else ""

    def _say(self, line: str) -> None:
        self._console.print(
            plain(line, 500), markup=False, emoji=False, highlight=False, soft_wrap=True
        )

    def _raise_bar(self) -> None:
        from rich.progress import BarColumn, Progress, TextColumn

        self.finish()
        if not self._blocks or not (self._console.is_terminal or self._console.is_jupyter):
            return
        before = {sys.stderr, sys.stdout}
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            TextColumn(
                "{task.completed:.0f} of {task.total:.0f} blocks{task.fields[said]}", markup=False
            ),
            console=self._console,
            transient=True,
        )
        self._task = self._bar.add_task(self._stage or "train", total=self._blocks, said="")
        self._bar.start()
        # A log handler keeps the stream it was made with, past the one that scrolls above the bar.
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream in before:
                self._moved.append((handler, handler.stream))
                handler.setStream(sys.stderr)
