"""A fingerprint of examples that is the same in every process and on every machine."""

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy
from underspec.core.records import Data

__all__ = ["checksum"]


def checksum(data: Data) -> str:
    """Return the sha256, in hexadecimal, of all columns of the examples and their names.

    Of inputs that are read when needed it takes their own digest (see `core.lazy.Reading`) and reads
    none. Of others it sees values, types and order. It does not see how an array lies in memory, its byte order,
    how wide a text column is, which library holds a frame, or the names of the classes.

    Raises:
        UsageError: the inputs are neither an array nor a data frame.
    """
    state = hashlib.sha256()
    _inputs(state, data.inputs)
    _array(state, "labels", np.asarray(data.labels))
    _array(state, "ids", np.asarray(data.ids))
    _array(state, "clusters", np.asarray(data.clusters))
    for name in sorted(data.groups):
        _array(state, f"group:{name}", np.asarray(data.groups[name]))
    if data.weights is not None:
        _array(state, "weights", data.weights)
    if data.columns:
        _texts(state, data.columns)
    return state.hexdigest()


def _say(state: "hashlib._Hash", *parts: object) -> None:
    for part in parts:
        text = str(part).encode()
        state.update(len(text).to_bytes(8, "little") + text)


def _inputs(state: "hashlib._Hash", inputs: Any) -> None:
    if isinstance(inputs, Lazy):
        _say(state, "lazy", inputs.dtype.str, *inputs.shape, inputs.digest())
        return
    if isinstance(inputs, np.ndarray):
        _array(state, "inputs", inputs)
        return
    import narwhals as nw

    try:
        frame = nw.from_native(inputs, eager_only=True)
    except TypeError:
        raise UsageError(
            f"Inputs must be an array or a data frame, but are {type(inputs).__name__}."
        ) from None
    _say(state, "frame", *frame.shape)
    for name in frame.columns:
        column = frame[name]
        absent = column.is_null()
        _say(state, "column", name)
        if column.dtype.is_numeric() and not absent.any():
            _array(state, str(column.dtype), column.to_numpy())
            continue
        # The text of a value is the same in every library; a hole is not the text "None".
        holes = absent.to_list()
        _array(state, "absent", np.asarray(holes, dtype=np.bool_))
        values = zip(column.to_list(), holes, strict=True)
        _texts(state, (str(value) for value, hole in values if not hole))


def _array(state: "hashlib._Hash", name: str, array: NDArray[Any]) -> None:
    kind = array.dtype.kind
    _say(state, name, *array.shape)
    if kind == "U":
        _texts(state, array.ravel().tolist())
    elif kind == "O":
        _texts(state, (f"{type(value).__name__}:{value}" for value in array.ravel().tolist()))
    else:
        plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        _say(state, plain.dtype.str)
        state.update(plain.view(np.uint8).data if plain.size else b"")


def _texts(state: "hashlib._Hash", texts: Iterable[str]) -> None:
    encoded = [text.encode() for text in texts]
    _say(state, "text", len(encoded))
    state.update(np.asarray([len(text) for text in encoded], dtype="<i8").tobytes())
    state.update(b"".join(encoded))
