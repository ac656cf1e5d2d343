"""A worker process: takes the work once, then blocks, until its driver is gone."""

import os
import queue
import sys
import threading
import traceback
from typing import IO, Any

from underspec.run.frames import pack, receive, send, unpack

__all__ = ["WorkerError", "main"]


class WorkerError(Exception):
    """An exception of a worker that could not be sent whole; its text says what it was."""


def _listen(pipe: IO[bytes], inbox: "queue.Queue[bytes]") -> None:
    """Pass messages on; when the driver is gone, end the process even in mid-training."""
    try:
        while True:
            inbox.put(receive(pipe))
    except (EOFError, OSError):
        os._exit(0)


def _packed(result: Any, error: Exception | None) -> bytes:
    """Return an answer as bytes that the driver can read, whatever the work returned or raised."""
    try:
        data = pack((result, error))
        if error is not None:
            unpack(data)  # many exceptions pickle well and then cannot be built again
    except Exception as unsent:  # noqa: BLE001 - sent to the driver as words
        said = "Its result" if error is None else f"{type(error).__name__}: {error}"
        return pack((None, WorkerError(f"{said} (could not be sent whole: {unsent})")))
    return data


def main() -> None:
    """Serve until the driver closes the pipe."""
    # What the user's code prints must not get between our messages.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    questions = os.fdopen(os.dup(0), "rb")
    inbox: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(questions, inbox), daemon=True).start()
    sent = inbox.get()
    work: Any = None
    while True:
        block = inbox.get()
        try:
            # Here, so that work that cannot be read fails blocks with its reason.
            work = unpack(sent) if work is None else work
            reply = _packed(work(unpack(block)), None)
        except Exception as error:  # noqa: BLE001 - sent to the driver, who decides
            traceback.print_exc()
            reply = _packed(None, error)
        send(answers, reply)


if __name__ == "__main__":
    sys.modules["underspec.run.worker"] = sys.modules["__main__"]
    main()
