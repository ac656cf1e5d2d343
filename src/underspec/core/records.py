"""What crosses the borders between stages: data, probes, variants, predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of

__all__ = [
    "Answers",
    "Booleans",
    "ClassMap",
    "Data",
    "Floats",
    "Kind",
    "Pairs",
    "Predictions",
    "Probe",
    "Scores",
    "Task",
    "Variant",
]

Floats: TypeAlias = NDArray[np.float64]
Scores: TypeAlias = NDArray[np.float32]
Answers: TypeAlias = NDArray[np.int32]
Booleans: TypeAlias = NDArray[np.bool_]
Kind: TypeAlias = Literal["holdout", "stratified", "shifted", "contrastive"]
Task: TypeAlias = Literal["binary", "classification", "regression"]


@dataclass(frozen=True, eq=False)
class Data:
    """Examples with what is known of them, all in one order.

    Attributes:
        inputs: an array [examples, ...] (images: uint8 [examples, height, width, channels]), a
            `core.lazy.Lazy` that reads one when needed, or a data frame with one row an example.
        labels: class codes 0..C-1, int32 [examples]; for regression the targets, float64 [examples].
        ids: one unique text an example; randomness of a stress test hangs on it.
        clusters: what was sampled as one thing (an image and its distortions, a patient and the
            visits); examples of one cluster share its text. The ids where not given.
        groups: columns to stratify by, each text [examples].
        classes: names of the class codes, for reports; none for regression.
        weights: how much each example counts in metrics, positive, float64 [examples]; all alike
            where None. No trainer sees them.
        counted: what was counted off by design, so that no luck decides how many examples there
            are of each: ``label`` or a group column; empty where examples came as they came.
        columns: names of the last axis of an array of rows [examples, columns] or of records
            [examples, steps, columns]; empty where it has none. A data frame has its own.

    Raises:
        UsageError: columns differ in length, ids repeat, a weight is no positive number, `counted`
            names no column, or `columns` does not name each of the last axis once.
    """

    inputs: Any
    labels: NDArray[Any]
    ids: NDArray[np.str_]
    clusters: NDArray[np.str_]
    groups: Mapping[str, NDArray[np.str_]] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    weights: Floats | None = None
    counted: str = ""
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.ids)
        columns = {"labels": self.labels, "clusters": self.clusters, **self.groups}
        for name, column in columns.items():
            if len(column) != n:
                raise UsageError(f"{n} examples but {len(column)} {name}: give one each.")
        if len(self.inputs) != n:
            raise UsageError(f"{n} examples but {len(self.inputs)} inputs: give one each.")
        if len(np.unique(self.ids)) != n:
            values, counts = np.unique(self.ids, return_counts=True)
            raise UsageError(f"Example ids must be unique; '{values[counts > 1][0]}' is not.")
        if self.weights is not None:
            object.__setattr__(self, "weights", _weights(self.weights, self.ids))
        if self.counted:
            known = (*(() if self.regression else ("label",)), *sorted(self.groups))
            if self.counted not in known:
                raise UsageError(one_of("column that was counted off", self.counted, known))
        if self.columns:
            shape: tuple[int, ...] = getattr(self.inputs, "shape", ())
            if shape[-1:] != (len(self.columns),) or len(set(self.columns)) != len(self.columns):
                raise UsageError(
                    f"{len(self.columns)} column names for inputs of shape {list(shape)}: name each of the last "
                    "axis once."
                )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def regression(self) -> bool:
        """Whether the labels are targets, numbers to predict, rather than class codes."""
        return bool(np.asarray(self.labels).dtype.kind == "f")

    def take(self, rows: NDArray[np.intp] | Booleans) -> "Data":
        """Return the examples at `rows` (positions or a mask), in that order."""
        index = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        inputs = self.inputs
        return replace(
            self,
            inputs=inputs.iloc[index] if hasattr(inputs, "iloc") else inputs[index],
            labels=self.labels[index],
            ids=self.ids[index],
            clusters=self.clusters[index],
            groups={name: column[index] for name, column in self.groups.items()},
            weights=None if self.weights is None else self.weights[index],
        )

    def with_inputs(self, inputs: Any) -> "Data":
        """Return the same examples with other inputs, such as distorted images."""
        return replace(self, inputs=inputs)


def _weights(weights: Any, ids: NDArray[np.str_]) -> Floats:
    """Return the weights as float64 if they are positive numbers, one an example."""
    given = np.asarray(weights)
    fine = given.shape == ids.shape and given.dtype.kind in "iuf"
    wrong = np.flatnonzero(~(np.isfinite(given) & (given > 0))) if fine else np.empty(0, np.intp)
    if not fine or len(wrong):
        got = f"{given.dtype} of shape {list(given.shape)} for {len(ids)} examples"
        if fine:
            got = f"{given[wrong[0]]:g} for the example '{ids[wrong[0]]}'"
        raise UsageError(
            f"Weights are positive numbers, one an example, but got {got}. Leave out examples that are not to "
            "count."
        )
    return given.astype(np.float64)


@dataclass(frozen=True, eq=False)
class ClassMap:
    """What a model's answers mean on a probe whose classes are not the model's.

    An answer is right if it is any of the model's classes that are mapped to the example's.

    Attributes:
        codes: int32 [model classes], the probe's class that each of the model's counts as, -1 where
            it counts as none.
        restricted: whether the model may only answer with classes that are mapped. Otherwise the
            best of all is its answer, and one that is mapped to nothing is wrong.
    """

    codes: NDArray[np.int32]
    restricted: bool


@dataclass(frozen=True, eq=False)
class Pairs:
    """Which examples of a contrastive probe belong together: a reference and its edit.

    Attributes:
        pair: name of each example's pair, text [examples]; each pair stands twice.
        side: 0 for the reference, 1 for the edit, int8 [examples]; each pair has one of both.
    """

    pair: NDArray[np.str_]
    side: NDArray[np.int8]

    def __post_init__(self) -> None:
        names, counts = np.unique(self.pair, return_counts=True)
        edited = np.unique(self.pair[self.side == 1])
        referred = np.unique(self.pair[self.side == 0])
        whole = len(self.pair) == len(self.side) == 2 * len(names) and (counts == 2).all()
        if not whole or len(edited) != len(names) or len(referred) != len(names):
            raise UsageError(
                f"Each pair has one reference (side 0) and one edit (side 1), but {len(self.pair)} examples in "
                f"{len(names)} pairs have not. Give both sides of each pair, each once."
            )


@dataclass(frozen=True, eq=False)
class Probe:
    """One concrete set of examples that every variant is asked about.

    Attributes:
        name: unique in a study, ``[a-z0-9_]+(-gen)?(-[a-z0-9_.]+)?``, such as ``contrast-3`` (published) or
            ``contrast-gen-3`` (made afresh).
        kind: what the probe is; exactly one probe of a study is the holdout.
        family: what probes of one stress test share, such as ``contrast``.
        severity: how hard, where the family has degrees; None elsewhere.
        data: the examples; labels and ids are those of the source.
        title: how reports write it, such as ``class = Shirt``; any text.
        may_choose: False where a licence forbids tuning on it.
        answers: how the model's classes are read where the probe has others; None where it has the
            model's own.
        suite: the published set that the probe is a part of, such as ``imagenet_c``, over which
            a corruption error is averaged; empty where there is none.
        pairs: of a contrastive probe, which examples are two sides of one; None of any other.

    Raises:
        UsageError: the probe is contrastive without pairs or the reverse, or the sides of a pair
            lie in two clusters.
    """

    name: str
    kind: Kind
    family: str
    data: Data
    severity: float | None = None
    title: str = ""
    may_choose: bool = True
    answers: ClassMap | None = None
    suite: str = ""
    pairs: Pairs | None = None

    def __post_init__(self) -> None:
        if (self.kind == "contrastive") != (self.pairs is not None):
            raise UsageError(
                f"The probe '{self.name}' is {self.kind}: contrastive probes have pairs, and no others do."
            )
        if self.pairs is None:
            return
        if len(self.pairs.pair) != len(self.data):
            raise UsageError(
                f"The probe '{self.name}' has {len(self.data)} examples but {len(self.pairs.pair)} sides of pairs."
            )
        order = np.lexsort((self.pairs.side, self.pairs.pair))
        clusters = self.data.clusters[order]
        if (clusters[::2] != clusters[1::2]).any():
            raise UsageError(
                f"In the probe '{self.name}' the two sides of a pair lie in two clusters: they are one thing, so "
                "give both the same cluster."
            )


@dataclass(frozen=True)
class Variant:
    """One assignment of a seed or a value to every source.

    Attributes:
        id: ``v000``, ``v001``, ...
        seeds: source name to a seed below 2**63.
        values: source name to the value taken, for sources that are values.
    """

    id: str
    seeds: Mapping[str, int]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Predictions:
    """What the variants said about one probe.

    Attributes:
        variants: ids, in the order of axis 0.
        labels: int32 [examples]; for regression the targets, float64 [examples].
        answers: class codes int32 [variants, examples], -1 for a class that the probe lacks; for
            regression the values predicted, float32 [variants, examples].
        label_scores: score given to the true class, float32 [variants, examples]; None for
            regression.
        scores: float32 [variants, examples, classes]; None where only answers were kept; for
            regression the values predicted, [variants, examples, 1].
    """

    variants: tuple[str, ...]
    labels: NDArray[Any]
    answers: NDArray[Any]
    label_scores: Scores | None = None
    scores: Scores | None = None

    def only(self, rows: NDArray[np.intp] | Booleans) -> "Predictions":
        """Return the predictions for the examples at `rows`."""
        return replace(
            self,
            labels=self.labels[rows],
            answers=self.answers[:, rows],
            label_scores=None if self.label_scores is None else self.label_scores[:, rows],
            scores=None if self.scores is None else self.scores[:, rows],
        )

    def ordered(self, variants: Sequence[str]) -> "Predictions":
        """Return the predictions of these variants, in this order."""
        place = {variant: at for at, variant in enumerate(self.variants)}
        index = np.array([place[variant] for variant in variants], dtype=np.intp)
        return replace(
            self,
            variants=tuple(variants),
            answers=self.answers[index],
            label_scores=None if self.label_scores is None else self.label_scores[index],
            scores=None if self.scores is None else self.scores[index],
        )
