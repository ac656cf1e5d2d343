"""Messages between a driver and its workers: a length, then that many bytes of cloudpickle.

Only our own processes speak it, over pipes that nobody else can open; nothing is read from disk.
"""

import pickle
from typing import IO, Any

import cloudpickle

__all__ = ["receive", "send"]


def send(pipe: IO[bytes], message: Any) -> None:
    """Write one message and flush it."""
    data = cloudpickle.dumps(message)
    pipe.write(len(data).to_bytes(8, "little"))
    pipe.write(data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """Read one message.

    Raises:
        EOFError: the other end is gone.
    """
    head = pipe.read(8)
    if len(head) < 8:
        raise EOFError
    size = int.from_bytes(head, "little")
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)  # noqa: S301 - our own worker at the other end of our own pipe
