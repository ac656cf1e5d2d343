"""Examples from plain arrays: any labels to class codes, any ids to text, and what is refused."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.lazy import Lazy
from underspec.core.records import Data, Floats

__all__ = ["agree", "checked", "numbered", "of"]

_MISSING_TEXT = ("", "nan", "NaN")


class _Coded(NamedTuple):
    codes: NDArray[Any]
    classes: tuple[str, ...]


def of(
    inputs: Any,
    labels: Any = None,
    ids: Any = None,
    clusters: Any = None,
    groups: Mapping[str, Any] | None = None,
    classes: Sequence[str] | None = None,
    weights: Any = None,
    targets: Any = None,
    counted: str = "",
    columns: Sequence[str] = (),
) -> Data:
    """Return the examples made of these columns.

    Args:
        inputs: an array [examples, ...], something that becomes one, or a data frame.
        labels: one class an example, as text or as an integer of any type. Give these or `targets`.
        ids: one unique text or number an example; ``"0" ... "n-1"``, zero-padded, where None.
        clusters: what was sampled as one thing; the ids where None.
        groups: columns to stratify by. A missing value becomes the group ``missing``.
        classes: names of the classes in the order of their codes. Labels are looked up among them
            as text; integer labels of which some are not found there are taken as codes. Where
            None, the classes are the labels that occur, sorted (numbers as numbers).
        weights: how much each example counts in metrics, positive; all alike where None. Models are
            trained as if there were none.
        targets: for regression, the number to predict of each example.
        counted: ``label`` or a group column, where a fixed number of examples of each class or group
            was taken by design; empty where not.
        columns: names of the last axis of rows [examples, columns] or records [examples, steps,
            columns]; stress tests find columns by them.

    Raises:
        UsageError: lengths differ, a label or id is missing, a label is negative or no class at
            all, there are fewer than two classes, ids repeat, a weight is no positive number, or
            `counted` names no column.
    """
    if (labels is None) == (targets is None):
        raise UsageError("Give labels, one class an example, or targets, one number, but not both.")
    if targets is not None and classes is not None:
        raise UsageError("Targets are numbers and have no classes: leave classes out.")
    if targets is not None:
        coded = _Coded(_numbers(targets, "targets"), ())
    else:
        named = None if classes is None else tuple(map(str, classes))
        coded = _code(_column(labels, "labels"), named)
    n = len(coded.codes)
    names = _texts(ids, "ids") if ids is not None else numbered(n)
    known = {str(name): _texts(c, f"group '{name}'", True) for name, c in (groups or {}).items()}
    return checked(
        Data(
            inputs=_examples(inputs),
            labels=coded.codes,
            ids=names,
            clusters=names if clusters is None else _texts(clusters, "clusters"),
            groups=known,
            classes=coded.classes,
            weights=None if weights is None else _numbers(weights, "weights"),
            counted=counted,
            columns=tuple(map(str, columns)),
        )
    )


def checked(data: Data) -> Data:
    """Return `data` if every stage can work with it.

    Raises:
        UsageError: no examples, labels that are no class codes, or fewer than two classes. Where
            classes are named, one of them may be all that occurs, as in a part of a data set.
    """
    if len(data) == 0:
        raise UsageError("There are no examples: a data set needs at least one of each class.")
    labels = np.asarray(data.labels)
    if labels.ndim != 1 or labels.dtype.kind not in "iuf":
        raise UsageError(
            f"Labels of a Data record are class codes, integers of shape [examples], but got "
            f"{labels.dtype} of shape {list(labels.shape)}. Let underspec.data.of make them."
        )
    if "label" in data.groups:
        raise UsageError(
            "A group may not be named 'label', which means the class: rename the column."
        )
    if data.regression:
        return _checked_targets(data)
    if labels.min() < 0:
        raise UsageError(f"Class codes run from 0, but the labels hold {labels.min()}.")
    if data.classes and labels.max() >= len(data.classes):
        raise UsageError(
            f"The labels hold code {labels.max()}, but there are only {len(data.classes)} classes: "
            f"name them all."
        )
    if len(set(data.classes)) != len(data.classes):
        raise UsageError(f"Each class needs a name of its own; got {list(data.classes)}.")
    if len(data.classes) < 2:
        _two_occur(data, "")
    return data


def _checked_targets(data: Data) -> Data:
    if not np.isfinite(data.labels).all():
        row = int(np.argmax(~np.isfinite(data.labels)))
        raise UsageError(
            f"The target of the example '{data.ids[row]}' is {data.labels[row]:g}: each needs a finite number."
        )
    if data.classes:
        raise UsageError(
            f"Labels that are {data.labels.dtype} are targets of a regression and have no classes, but "
            f"{len(data.classes)} are named: codes of classes are integers. Let underspec.data.of make them."
        )
    return replace(data, labels=data.labels.astype(np.float64, copy=False))


def agree(train: Data, holdout: Data) -> None:
    """Check that one model can take both, and that a class code means the same in both.

    Raises:
        UsageError: examples have another shape, columns or kind of values, the class names differ,
            or all examples of one are of one class.
    """
    if train.regression != holdout.regression:
        kinds = [("classes", "numbers")[data.regression] for data in (train, holdout)]
        raise UsageError(
            f"The labels of the training set are {kinds[0]}, those of the holdout {kinds[1]}: read both alike, "
            "as labels or as targets."
        )
    _two_occur(train, " of the training set")
    _two_occur(holdout, " of the holdout")
    if train.classes != holdout.classes:
        extra = [c for c in train.classes if c not in holdout.classes]
        lacking = [c for c in holdout.classes if c not in train.classes]
        named = [f"only train has {', '.join(extra[:5])}"] if extra else []
        named += [f"only holdout has {', '.join(lacking[:5])}"] if lacking else []
        raise UsageError(
            f"Train and holdout do not have the same classes in the same order "
            f"({'; '.join(named) or 'the order differs'}). Name them for both: classes=[...]."
        )
    _alike(train.inputs, holdout.inputs)


def _alike(train: Any, holdout: Any) -> None:
    frames = [hasattr(inputs, "columns") for inputs in (train, holdout)]
    if all(frames):
        _same_columns(train, holdout)
        return
    arrays = [isinstance(inputs, np.ndarray | Lazy) for inputs in (train, holdout)]
    if not all(arrays):
        if any(arrays) and any(frames):
            kinds = [type(inputs).__name__ for inputs in (train, holdout)]
            raise UsageError(
                f"The training inputs are of type {kinds[0]}, the held-out ones of type {kinds[1]}: a model "
                "takes one. Read both alike."
            )
        return  # of a type that only a trainer of one's own knows
    ours, theirs = (_one(inputs) for inputs in (train, holdout))
    if ours != theirs:
        raise UsageError(
            f"The training examples have the shape {list(train.shape[1:])}, the held-out ones "
            f"{list(holdout.shape[1:])}: a model takes one. Read or prepare both alike."
        )
    if _values(train.dtype) != _values(holdout.dtype):
        raise UsageError(
            f"The training inputs are {train.dtype}, the held-out ones {holdout.dtype}: a model would take "
            "the values of one for those of the other. Store both alike."
        )


def _one(inputs: Any) -> tuple[int, ...]:
    # Images [height, width] are those of one channel, which trainers take alike.
    shape = tuple(inputs.shape[1:])
    return (*shape, 1) if len(shape) == 2 else shape


def _values(dtype: np.dtype[Any]) -> str:
    if dtype == np.uint8:
        return "grey levels"
    # A whole column read without missing values is of integers, with them of floats.
    return "numbers" if dtype.kind in "iufb" else dtype.kind


def _same_columns(train: Any, holdout: Any) -> None:
    ours, theirs = ([str(name) for name in frame.columns] for frame in (train, holdout))
    # Their order is a trainer's affair: some take columns by name.
    if set(ours) == set(theirs):
        return
    extra = [name for name in ours if name not in theirs]
    lacking = [name for name in theirs if name not in ours]
    told = [f"only train has {', '.join(extra[:5])}"] if extra else []
    told += [f"only holdout has {', '.join(lacking[:5])}"] if lacking else []
    raise UsageError(
        f"Train and holdout do not have the same columns ({'; '.join(told)}). Name them for both: "
        "inputs: [...]."
    )


def _two_occur(data: Data, where: str) -> None:
    if len(data) and len(np.unique(data.labels)) < 2:
        if data.regression:
            raise UsageError(
                f"All {len(data)} targets{where} are {data.labels[0]:g}: there is nothing to predict."
            )
        only = data.classes[data.labels[0]] if data.classes else data.labels[0]
        raise UsageError(
            f"All {len(data)} labels{where} are '{only}': a data set needs two classes or more."
        )


def _examples(inputs: Any) -> Any:
    if isinstance(inputs, Lazy):
        return inputs
    # Told by the type's name, so that no frame library is imported to find out.
    if hasattr(inputs, "iloc") or type(inputs).__module__.partition(".")[0] == "polars":
        return inputs
    try:
        array = np.asarray(inputs)
    except ValueError as error:
        raise UsageError(f"The inputs make no array, are they of one shape each? {error}") from None
    if array.ndim == 0:
        raise UsageError(f"The inputs are one {type(inputs).__name__}, not one an example.")
    return array


def numbered(n: int) -> NDArray[np.str_]:
    """Return the ids of examples that have none: ``0 ... n-1``, zero-padded."""
    width = len(str(max(n - 1, 0)))
    return np.asarray([f"{i:0{width}d}" for i in range(n)], dtype=np.str_)


def _missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def _column(values: Any, what: str) -> NDArray[Any]:
    """Return integers or text, every value present."""
    column = np.asarray(values)
    if column.ndim != 1:
        raise UsageError(
            f"The {what} must be one column, one value an example, but got shape "
            f"{list(column.shape)}."
        )
    gone = np.zeros(len(column), dtype=np.bool_)
    if column.dtype.kind == "f":
        gone = np.isnan(column)
    elif column.dtype.kind == "O":
        gone = np.asarray([_missing(value) for value in column], dtype=np.bool_)
    elif column.dtype.kind == "U":
        gone = np.isin(column, _MISSING_TEXT)
    if gone.any():
        first = int(np.flatnonzero(gone)[0])
        raise UsageError(
            f"The {what} lack a value in {int(gone.sum())} of {len(column)} examples, first in "
            f"example {first} (counted from 0). Fill it in or leave the example out."
        )
    return _plain(column, what)


def _plain(column: NDArray[Any], what: str) -> NDArray[Any]:
    if column.dtype.kind == "O":
        seen = {_kind(value) for value in column}
        if len(seen) > 1:
            raise UsageError(f"The {what} mix {' and '.join(sorted(seen))}: use one type.")
        if seen == {"str"}:
            return _column(column.astype(np.str_), what)
        column = np.asarray(column.tolist())
    kind = column.dtype.kind
    if kind == "f":
        broken = column != np.trunc(column)
        if broken.any():
            raise UsageError(
                f"The {what} hold {column[broken][0]:g}, which is neither an integer nor text."
                + (" Numbers to predict are given as targets." if what == "labels" else "")
            )
        return column.astype(np.int64)
    if kind in "iu":
        return column.astype(np.int64)
    if kind == "S":
        return np.char.decode(column, "utf-8")
    if kind in "Ub":
        return column.astype(np.str_)
    raise UsageError(f"The {what} are {_type(column)}: use integers or text.")


def _numbers(values: Any, what: str) -> Floats:
    """Return finite numbers, one an example."""
    column = np.asarray(values)
    if column.ndim != 1:
        raise UsageError(
            f"The {what} must be one column, one value an example, but got shape {list(column.shape)}."
        )
    numbers = np.empty(0)
    if column.dtype.kind in "biufO":
        holes = [np.nan if _missing(value) else value for value in column.tolist()]
        with suppress(TypeError, ValueError):
            numbers = np.asarray(holes, dtype=np.float64)
    if len(numbers) != len(column):
        raise UsageError(f"The {what} are {_type(column)}: use numbers.")
    wrong = ~np.isfinite(numbers)
    if wrong.any():
        raise UsageError(
            f"The {what} are no finite numbers in {int(wrong.sum())} of {len(column)} examples, first in "
            f"example {int(np.argmax(wrong))} (counted from 0). Fill it in or leave the example out."
        )
    return numbers


def _kind(value: Any) -> str:
    plain = value.item() if isinstance(value, np.generic) else value
    return "str" if isinstance(plain, str) else type(plain).__name__


def _texts(values: Any, what: str, fill: bool = False) -> NDArray[np.str_]:
    column = np.asarray(values)
    if fill and column.ndim == 1:
        holes = [
            _missing(v) or (isinstance(v, str) and v in _MISSING_TEXT) for v in column.tolist()
        ]
        if any(holes):
            kept = [v for v, hole in zip(column.tolist(), holes, strict=True) if not hole]
            shown = iter(
                _plain(np.asarray(kept, dtype=object), what).astype(np.str_) if kept else ()
            )
            return np.asarray(["missing" if hole else next(shown) for hole in holes], dtype=np.str_)
    return _column(column, what).astype(np.str_)


def _code(column: NDArray[Any], classes: tuple[str, ...] | None) -> _Coded:
    integers = column.dtype.kind == "i"
    if classes is None:
        if integers and len(column) and column.min() < 0:
            raise UsageError(
                f"The labels hold {column.min()}, but class codes run from 0. If it is the name of a "
                f"class, name them all: classes=['{column.min()}', ...]."
            )
        values, codes = np.unique(column, return_inverse=True)
        return _Coded(codes.astype(np.int32), tuple(str(value) for value in values))
    if len(set(classes)) != len(classes) or len(classes) < 2:
        raise UsageError(f"Give at least two classes, each once; got {list(classes)}.")
    place = {name: code for code, name in enumerate(classes)}
    values, inverse = np.unique(column, return_inverse=True)
    unknown = [value for value in values if str(value) not in place]
    if not unknown:
        return _Coded(np.asarray([place[str(v)] for v in values], np.int32)[inverse], classes)
    if integers and values[0] >= 0 and values[-1] < len(classes):
        return _Coded(column.astype(np.int32), classes)
    raise UsageError(one_of("class", unknown[0], classes))


def _type(column: NDArray[Any]) -> str:
    return "text" if column.dtype.kind in "US" else f"of type {column.dtype}"
