"""Conformance of a trainer: call `check_trainer` on yours and it will fit in."""

import random
import sys
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UnderspecError, UsageError
from underspec.core.records import Data, Scores, Variant
from underspec.core.streams import stream
from underspec.train._protocol import Fitted, Tasked, Trainer

__all__ = ["check_trainer", "shaded_images", "sparse_records", "striped_images"]

_FOREIGN = "no_such_source"


def check_trainer(
    trainer: Trainer,
    data: Data | None = None,
    *,
    idle: Collection[str] = (),
    tolerance: float = 0.0,
) -> None:
    """Hold a trainer to its contract by training a few small blocks.

    Checked: that probabilities are float32 of the right shape, finite, and sum to 1, or, for
    regression, that values are float32 [variants, examples, 1] and finite; that a variant
    alone gives what it gives in a block, in whatever order; that equal seeds give equal models;
    that each source whose seed the trainer takes changes the result, and those of `idle` do not;
    that an unknown source is refused; that inputs and labels are left as they were, even where they
    may not be written to; that the global generators of NumPy, Python and PyTorch neither matter
    nor move; that models saved, moved and loaded predict the same and are no pickles; that an
    example's prediction does not depend on its neighbours; and that the trainer can be sent to
    another process.

    Args:
        trainer: quick to train; its settings are used as they are.
        data: what to train on; synthetic images where not given, of three classes, or, for a trainer
            of regressions, with a number to predict.
        idle: sources that change nothing for this very trainer, such as `order` for a tree.
        tolerance: by how much two runs that should be equal may differ; above 0 only for a strategy
            that says so, such as a stack on a GPU.

    Raises:
        AssertionError: in one sentence, what does not hold.
    """
    for_values = isinstance(trainer, Tasked) and "regression" in trainer.tasks
    data = _locked((shaded_images() if for_values else striped_images()) if data is None else data)
    whole = _copy(data.inputs), data.labels.copy()
    seeded = _declarations(trainer, data)
    variants = [_variant(f"v{at:03d}", seeded, at) for at in range(3)]
    fitted = _fit(trainer, variants, data)
    unchanged = _equal(whole[0], data.inputs) and np.array_equal(whole[1], data.labels)
    _expect(unchanged, trainer, "fit changes the training data in place")
    scores = _predict(trainer, fitted, data)
    _check_block(trainer, fitted, variants)
    _check_scores(trainer, scores, variants, data)

    def same(one: Scores, other: Scores, broken: str) -> None:
        close = one.shape == other.shape and np.allclose(one, other, rtol=0, atol=tolerance)
        _expect(close, trainer, broken)

    # Sums of products may be ordered by the number of rows, so not to the last bit.
    part = _rows(data.inputs, np.arange(5, 12))
    near = np.allclose(fitted.predict(part), scores[:, 5:12], rtol=0, atol=max(tolerance, 1e-5))
    _expect(near, trainer, "what it says of an example depends on its neighbours")
    twin = Variant("twin", variants[1].seeds, variants[1].values)
    block = trainer.fit([variants[2], twin, variants[1]], data).predict(data.inputs)
    same(block[[0, 2]], scores[[2, 1]], "the order of the variants in a block moves their results")
    same(block[1], block[2], "two variants of equal seeds differ")
    alone = trainer.fit(variants[1:2], data).predict(data.inputs)
    same(alone[0], scores[1], "a variant alone gives other results than in a block")
    sent: Trainer = cloudpickle.loads(cloudpickle.dumps(trainer))
    _expect(repr(sent) == repr(trainer), trainer, "sent to another process, its repr changes")
    _check_sources(trainer, seeded, idle, data, same)
    _check_files(trainer, sent, fitted, data, scores, same)


def _declarations(trainer: Trainer, data: Data) -> tuple[str, ...]:
    """Return the sources that take a seed."""
    _expect(len(trainer.sources) > 0, trainer, "it declares no source of variation")
    for name, meaning in trainer.sources.items():
        _expect(bool(str(meaning).strip()), trainer, f"the source '{name}' has no description")
    _expect(
        bool(trainer.strategy) and trainer.strategy == trainer.strategy.strip(),
        trainer,
        "its strategy is not a plain word",
    )
    try:
        trainer.fit([Variant("v000", {_FOREIGN: 1})], data)
    except UsageError:
        pass
    else:
        _expect(False, trainer, "it trains with a source that it does not know")
    seeded = []
    for name in trainer.sources:
        try:
            trainer.fit([Variant("v000", {name: 1})], data)
        except UsageError:
            continue  # takes values only
        seeded.append(name)
    _expect(bool(seeded), trainer, "none of its sources takes a seed")
    return tuple(seeded)


def _variant(identity: str, seeded: Sequence[str], at: int) -> Variant:
    key = stream(5, "check_trainer", at)
    return Variant(identity, {name: key.child(name).seed() for name in seeded})


def _fit(trainer: Trainer, variants: Sequence[Variant], data: Data) -> Fitted:
    before = _generators()
    fitted = trainer.fit(variants, data)
    _expect(before == _generators(), trainer, "fit moves a global random generator")
    return fitted


def _predict(trainer: Trainer, fitted: Fitted, data: Data) -> Scores:
    inputs = _copy(data.inputs)
    before = _generators()
    scores = fitted.predict(data.inputs)
    _expect(before == _generators(), trainer, "predict moves a global random generator")
    _expect(_equal(inputs, data.inputs), trainer, "predict changes its inputs in place")
    again = fitted.predict(data.inputs)
    equal = np.array_equal(scores, again, equal_nan=True)
    _expect(equal, trainer, "the same prediction twice gives other numbers")
    return scores


def _check_block(trainer: Trainer, fitted: Fitted, variants: Sequence[Variant]) -> None:
    ids = tuple(variant.id for variant in variants)
    _expect(not fitted.failed, trainer, f"variants failed: {dict(fitted.failed)}")
    _expect(fitted.variants == ids, trainer, "its ids are not those asked for, in their order")
    timed = set(fitted.seconds) == set(ids) and all(s >= 0 for s in fitted.seconds.values())
    _expect(timed, trainer, "it does not tell the seconds of each variant")


def _check_scores(
    trainer: Trainer, scores: Scores, variants: Sequence[Variant], data: Data
) -> None:
    classes = 1 if data.regression else max(len(data.classes), int(data.labels.max()) + 1)
    expected = (len(variants), len(data), classes)
    _expect(
        scores.shape == expected and scores.dtype == np.float32,
        trainer,
        f"predict must return float32 {expected}, but returned {scores.dtype} {scores.shape}",
    )
    if data.regression:
        _expect(bool(np.isfinite(scores).all()), trainer, "a value predicted is not finite")
        error = ((scores[:, :, 0].astype(np.float64) - data.labels) ** 2).mean()
        _expect(
            bool(error < data.labels.var()),
            trainer,
            f"its mean squared error on its own training examples is {error:.4g}, no less than that of a constant",
        )
        return
    _expect(bool(np.isfinite(scores).all()), trainer, "a probability is not finite")
    _expect(bool((scores >= 0).all()), trainer, "a probability is negative")
    sums = np.allclose(scores.sum(axis=2), 1, atol=1e-4)
    _expect(sums, trainer, "the probabilities of an example do not sum to 1")
    learned = (scores.argmax(axis=2) == data.labels).mean()
    chance = np.bincount(data.labels).max() / len(data)
    _expect(
        bool(learned > chance),
        trainer,
        f"it is right on {learned:.2f} of its own training examples, no more than a constant answer",
    )


def _check_sources(
    trainer: Trainer,
    seeded: Sequence[str],
    idle: Collection[str],
    data: Data,
    same: Callable[[Scores, Scores, str], None],
) -> None:
    base = _variant("base", seeded, 7)
    moved = [
        Variant(name, {**base.seeds, name: stream(5, "check_trainer", "moved", name).seed()})
        for name in seeded
    ]
    np.random.seed(11)  # noqa: NPY002  another global state than before: it must not matter
    scores = trainer.fit([base, *moved], data).predict(data.inputs)
    np.random.seed(12)  # noqa: NPY002
    again = trainer.fit([base], data).predict(data.inputs)
    same(again[0], scores[0], "its results depend on the state of a global random generator")
    for at, name in enumerate(seeded, start=1):
        if name in idle:
            same(scores[at], scores[0], f"the source '{name}' is idle, but changes the result")
        else:
            changed = not np.array_equal(scores[at], scores[0])
            _expect(changed, trainer, f"another seed of the source '{name}' changes nothing")


def _check_files(
    trainer: Trainer,
    sent: Trainer,
    fitted: Fitted,
    data: Data,
    scores: Scores,
    same: Callable[[Scores, Scores, str], None],
) -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "before"
        folder.mkdir()
        fitted.save(folder)
        for file in folder.rglob("*"):
            if file.is_file():
                with file.open("rb") as opened:
                    # Protocols 2 to 5 of pickle begin with this byte and their number.
                    head = opened.read(2)
                pickled = len(head) == 2 and head[0] == 0x80 and head[1] <= 5
                _expect(not pickled, trainer, f"the file {file.name} is a pickle")
        folder = folder.rename(Path(root) / "after")
        loaded = sent.load(folder)
        _expect(loaded.variants == fitted.variants, trainer, "loaded models have other ids")
        facts = dict(loaded.failed), dict(loaded.seconds)
        kept = facts == (dict(fitted.failed), dict(fitted.seconds))
        _expect(kept, trainer, "failures or seconds are lost between save and load")
        same(loaded.predict(data.inputs), scores, "loaded models predict other numbers")
        empty = Path(root) / "empty"
        empty.mkdir()
        try:
            trainer.load(empty)
        except UnderspecError:
            return
        _expect(False, trainer, "loading an empty folder raises no error meant for the user")


def striped_images(examples: int = 90, side: int = 8, seed: int = 1) -> Data:
    """Return synthetic images of three classes: bars that lie, stand or cross, under noise.

    Args:
        examples: how many, the classes in turn.
        side: pixels a side.
        seed: of the noise and of where the bars are.

    Returns:
        Images uint8 [examples, side, side, 1], labels 0 to 2.
    """
    key = stream(seed, "striped_images")
    labels = np.arange(examples, dtype=np.int32) % 3
    images = np.empty((examples, side, side, 1), dtype=np.uint8)
    for at, label in enumerate(labels):
        draw = key.example(at)
        grey = draw.integers(0, 120, size=(side, side))
        if label != 1:
            grey[draw.integers(1, side - 1)] += 100
        if label != 0:
            grey[:, draw.integers(1, side - 1)] += 100
        images[at, ..., 0] = np.minimum(grey, 255)
    ids = np.array([f"e{at:04d}" for at in range(examples)])
    return Data(images, labels, ids, ids, classes=("lying", "standing", "crossed"))


def shaded_images(examples: int = 90, side: int = 8, seed: int = 1) -> Data:
    """Return synthetic noisy images with a number to predict: how bright the left half is made.

    Args:
        examples: how many.
        side: pixels a side.
        seed: of the noise and of the targets.

    Returns:
        Images uint8 [examples, side, side, 1], targets from 0 to 1.
    """
    key = stream(seed, "shaded_images")
    targets = np.empty(examples)
    images = np.empty((examples, side, side, 1), dtype=np.uint8)
    for at in range(examples):
        draw = key.example(at)
        targets[at] = draw.random()
        images[at, ..., 0] = draw.integers(0, 100, size=(side, side))
        images[at, :, : side // 2] += np.uint8(100 * targets[at])
    ids = np.array([f"e{at:04d}" for at in range(examples)])
    return Data(images, targets, ids, ids)


def sparse_records(examples: int = 90, steps: int = 12, seed: int = 1) -> Data:
    """Return synthetic records of three classes: a value that falls, stays or rises, often unmeasured.

    Args:
        examples: how many, the classes in turn.
        steps: of each record.
        seed: of the noise and of what is measured.

    Returns:
        Records float32 [examples, steps, 3], NaN where nothing was measured, labels 0 to 2. The first
        column tells the class, the second is noise of another unit, the third is never measured.
    """
    key = stream(seed, "sparse_records")
    labels = np.arange(examples, dtype=np.int32) % 3
    records = np.full((examples, steps, 3), np.nan, dtype=np.float32)
    for at, label in enumerate(labels):
        draw = key.example(at)
        slope = np.linspace(0, 1, steps) * (int(label) - 1)
        values = np.stack(
            [140 + 8 * slope + draw.normal(size=steps), draw.normal(size=steps)], axis=1
        )
        values[:, 1] *= 1e-3
        there = draw.random((steps, 2)) < np.array([0.6, 0.3])
        records[at, :, :2] = np.where(there, values, np.nan)
    ids = np.array([f"e{at:04d}" for at in range(examples)])
    return Data(
        records,
        labels,
        ids,
        ids,
        classes=("falling", "steady", "rising"),
        columns=("value", "noise", "never"),
    )


def _rows(inputs: Any, rows: NDArray[np.intp]) -> Any:
    return inputs.iloc[rows] if hasattr(inputs, "iloc") else inputs[rows]


def _copy(inputs: Any) -> Any:
    return inputs.copy()


def _equal(one: Any, other: Any) -> bool:
    if hasattr(one, "equals"):
        return bool(one.equals(other))
    holes = np.asarray(one).dtype.kind == "f"
    return bool(np.array_equal(one, other, equal_nan=holes))


def _locked(data: Data) -> Data:
    """Return the data in copies of its own that may not be written to."""
    copies = replace(data, inputs=_copy(data.inputs), labels=data.labels.copy())
    for array in (copies.inputs, copies.labels):
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    return copies


def _generators() -> tuple[object, ...]:
    numpy_state = np.random.get_state(legacy=False)  # noqa: NPY002
    states: list[object] = [random.getstate(), repr(numpy_state["state"]["key"].tolist())]
    states.append(numpy_state["state"]["pos"])
    torch = sys.modules.get("torch")
    if torch is not None:
        states.append(torch.get_rng_state().numpy().tobytes())
        states.append(torch.get_num_threads())
    return tuple(states)


def _expect(holds: bool, trainer: Trainer, broken: str) -> None:
    if not holds:
        raise AssertionError(f"{trainer!r}: {broken}.")
