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

from underspec.core.cores import cores
from underspec.core.errors import StudyError, UsageError
from underspec.run._protocol import Outcome, Runner, Work
from underspec.run.frames import pack, receive, send, unpack

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


class _Worker:
    """One worker process and its standard error, kept to be quoted when it dies."""

    def __init__(self, work: bytes) -> None:
        self.errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker
        path = os.pathsep.join(p for p in sys.path if p)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "underspec.run.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.errors,
                env={**os.environ, **_ONE_THREAD, "PYTHONPATH": path},
            )
        except BaseException:
            self.errors.close()
            raise
        self._work: bytes | None = work

    def ask(self, block: bytes) -> bytes:
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
        return receive(answers)

    def last_words(self) -> str:
        """Return how the process ended and the last line of its standard error."""
        try:
            code = self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:  # its pipes are closed, yet it lives
            self.process.kill()
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


class _Slot:
    """One thread's worker, replaced when it dies.

    Args:
        work: the packed work, the first thing a worker is sent.
        attempts: how often a block is tried whose worker dies.
        alive: every worker started, for the driver to stop.
        closing: set when nobody waits for answers any more.
    """

    def __init__(
        self, work: bytes, attempts: int, alive: list[_Worker], closing: threading.Event
    ) -> None:
        self._work, self._attempts = work, attempts
        self._alive, self._closing = alive, closing
        self._worker: _Worker | None = None

    def answer(self, block: Any) -> tuple[Any, Exception | None]:
        """Return what the work returned or raised.

        Raises:
            StudyError: no worker could be started, or each died of this block.
            UsageError: the block cannot be sent.
        """
        question = _packed("A block", block)
        words = ""
        for _ in range(self._attempts):
            worker = self._worker = self._worker or self._start()
            try:
                data = worker.ask(question)
            except (EOFError, OSError):
                if self._closing.is_set():
                    break  # `map` stops whatever is alive
                words = worker.last_words()
                worker.stop()
                self._worker = None
            else:
                answer: tuple[Any, Exception | None] = unpack(data)
                return answer
        raise StudyError(f"Its worker died {self._attempts} times; the last one {words}.")

    def _start(self) -> _Worker:
        try:
            worker = _Worker(self._work)
        except OSError as error:
            raise StudyError(
                f"No worker process could be started: {error}. Use fewer workers, or where: inline."
            ) from error
        self._alive.append(worker)
        return worker


def _packed(what: str, thing: Any) -> bytes:
    try:
        return pack(thing)
    except Exception as error:
        raise UsageError(
            f"{what} cannot be sent to worker processes ({type(error).__name__}: {error}). "
            "Use where: inline, or move what cannot be pickled into code of a module."
        ) from error


def _serve(
    slot: _Slot,
    todo: "queue.SimpleQueue[Any]",
    done: "queue.SimpleQueue[Outcome]",
    closing: threading.Event,
) -> None:
    while not closing.is_set():
        try:
            block = todo.get_nowait()
        except queue.Empty:
            return
        # Exactly one outcome a block, whatever happens: `map` counts on it.
        try:
            result, error = slot.answer(block)
        except Exception as failure:  # noqa: BLE001 - the reader of outcomes decides
            result, error = None, failure
        done.put(Outcome(block, result, error))


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
        """Run the blocks, each worker taking the next when it is free.

        Raises:
            UsageError: the work cannot be sent to worker processes.
        """
        sent = _packed("The work", work)
        todo: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for block in blocks:
            todo.put(block)
        done: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        closing = threading.Event()
        alive: list[_Worker] = []
        threads = [
            threading.Thread(
                target=_serve,
                args=(_Slot(sent, self.attempts, alive, closing), todo, done, closing),
                daemon=True,
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
