"""A worker process: takes the work once, then blocks, until its driver is gone."""

import os
import queue
import sys
import threading
import traceback
from typing import IO, Any

from underspec.run.frames import receive, send

__all__ = ["WorkerError", "main"]


class WorkerError(Exception):
    """An exception of a worker that could not be sent whole; its text says what it was."""


def _listen(pipe: IO[bytes], inbox: "queue.Queue[Any]") -> None:
    """Pass messages on; when the driver is gone, end the process even in mid-training."""
    try:
        while True:
            inbox.put(receive(pipe))
    except (EOFError, OSError):
        os._exit(0)


def main() -> None:
    """Serve until the driver closes the pipe."""
    # What the user's code prints must not get between our messages.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    questions = os.fdopen(os.dup(0), "rb")
    inbox: queue.Queue[Any] = queue.Queue()
    threading.Thread(target=_listen, args=(questions, inbox), daemon=True).start()
    work = inbox.get()
    while True:
        block = inbox.get()
        try:
            reply: tuple[Any, Exception | None] = (work(block), None)
        except Exception as error:  # noqa: BLE001 - sent to the driver, who decides
            traceback.print_exc()
            reply = (None, error)
        try:
            send(answers, reply)
        except Exception as error:  # noqa: BLE001 - an exception that does not pickle
            send(answers, (None, WorkerError(f"{type(reply[1]).__name__}: {reply[1]} ({error})")))


if __name__ == "__main__":
    sys.modules["underspec.run.worker"] = sys.modules["__main__"]
    main()
