"""Messages between a driver and its workers: a length, then that many bytes of cloudpickle.

Only our own processes speak it, over pipes that nobody else can open; nothing is read from disk.
Packing and sending are apart, so that an object that does not pickle is never taken for a dead
process, nor leaves half a message behind.
"""

import pickle
from typing import IO, Any

import cloudpickle

__all__ = ["pack", "receive", "send", "unpack"]


def pack(message: Any) -> bytes:
    """Return the bytes of an object."""
    data: bytes = cloudpickle.dumps(message)
    return data


def unpack(data: bytes) -> Any:
    """Return the object that was packed."""
    return pickle.loads(data)  # noqa: S301 - our own process at the other end of our own pipe


def send(pipe: IO[bytes], data: bytes) -> None:
    """Write one message and flush it."""
    pipe.write(len(data).to_bytes(8, "little"))
    pipe.write(data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
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
    return data
