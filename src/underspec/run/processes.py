"""Blocks on this machine's cores: one worker process a core, one thread a worker."""

import contextlib
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, Literal

from underspec.core.errors import StudyError, UsageError
from underspec.run._protocol import Outcome, Runner, Work
from underspec.run.frames import receive, send

__all__ = ["Processes"]

_ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS",
    ),
    "1",
)


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Worker:
    """One worker process and its standard error, kept to be quoted when it dies."""

    def __init__(self, work: Work) -> None:
        self.errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker
        path = os.pathsep.join(p for p in sys.path if p)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "underspec.run.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env={**os.environ, **_ONE_THREAD, "PYTHONPATH": path},
        )
        self._work: Work | None = work

    def ask(self, block: Any) -> tuple[Any, Exception | None]:
        """Return the answer to one block.

        Raises:
            EOFError: the worker died.
            OSError: likewise.
        """
        questions, answers = self.process.stdin, self.process.stdout
        if questions is None or answers is None:
            raise EOFError
        if self._work is not None:
            send(questions, self._work)
            self._work = None
        send(questions, block)
        answer: tuple[Any, Exception | None] = receive(answers)
        return answer

    def last_words(self) -> str:
        """Return how the process ended and the last line of its standard error."""
        code = self.process.wait()
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines()
        ended = f"signal {-code}" if code < 0 else f"status {code}"
        return f"ended with {ended}" + (f": {lines[-1]}" if lines else "")

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.errors):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


@dataclass(frozen=True)
class Processes(Runner):
    """Runs blocks in worker processes of one thread each.

    Attributes:
        workers: number of processes, one a core where ``auto``.
        attempts: how often a block is tried whose worker dies.
    """

    workers: int | Literal["auto"] = "auto"
    attempts: int = 2

    def __post_init__(self) -> None:
        if self.workers != "auto" and self.workers < 1:
            raise UsageError(f"workers must be 'auto' or a number from 1 up, got {self.workers!r}.")

    @property
    def slots(self) -> int:
        """The number of workers, counted where it is ``auto``."""
        return cores() if self.workers == "auto" else self.workers

    def map(self, work: Work, blocks: Sequence[Any], /) -> Iterator[Outcome]:
        """Run the blocks, each worker taking the next when it is free."""
        todo: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for block in blocks:
            todo.put(block)
        done: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        closing = threading.Event()
        alive: list[_Worker] = []
        threads = [
            threading.Thread(
                target=self._serve, args=(work, todo, done, alive, closing), daemon=True
            )
            for _ in range(min(self.slots, len(blocks)))
        ]
        try:
            for thread in threads:
                thread.start()
            for _ in blocks:
                yield done.get()
        finally:
            closing.set()
            for thread in threads:
                # A thread may be starting a worker right now, so look again until it has ended.
                while thread.is_alive():
                    for worker in tuple(alive):
                        worker.stop()
                    thread.join(0.05)
            for worker in alive:
                worker.stop()

    def _serve(
        self,
        work: Work,
        todo: "queue.SimpleQueue[Any]",
        done: "queue.SimpleQueue[Outcome]",
        alive: list[_Worker],
        closing: threading.Event,
    ) -> None:
        worker: _Worker | None = None
        while not closing.is_set():
            try:
                block = todo.get_nowait()
            except queue.Empty:
                break
            words = ""
            for _ in range(self.attempts):
                if worker is None:
                    worker = _Worker(work)
                    alive.append(worker)
                if closing.is_set():
                    return  # `map` stops whatever is alive
                try:
                    result, error = worker.ask(block)
                except (EOFError, OSError):
                    if closing.is_set():
                        return
                    words = worker.last_words()
                except Exception as unsent:  # noqa: BLE001 - work that does not pickle
                    done.put(Outcome(block, None, unsent))
                    return
                else:
                    done.put(Outcome(block, result, error))
                    break
                worker.stop()
                worker = None
            else:
                reason = f"Its worker died {self.attempts} times; the last one {words}."
                done.put(Outcome(block, None, StudyError(reason)))
