"""Before money is spent: does each source move the model at all, and how far do equal seeds part?"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from underspec.core.errors import StudyError
from underspec.core.lazy import chunks, whole
from underspec.core.records import Data, Scores, Variant
from underspec.study.block import read_source
from underspec.study.study import Study
from underspec.train._protocol import Streamed
from underspec.vary.levels import assigned

__all__ = ["Moved", "Pilot", "pilot"]

Life: TypeAlias = Literal["dead", "alive", "floor"]


@dataclass(frozen=True)
class Moved:
    """How far two models' predictions on the holdout are apart.

    Attributes:
        identical: whether every score is the same to the last bit.
        answers: share of examples that they answer differently.
        scores: largest absolute difference of a score, or of a value predicted.
    """

    identical: bool
    answers: float
    scores: float


@dataclass(frozen=True)
class Pilot:
    """What a few trainings say of the sources of a study.

    Attributes:
        life: source to ``dead`` (changing it gives bit-identical predictions, so the trainer
            ignores it), ``floor`` (it moves no more than the same seeds do when trained twice) or
            ``alive``.
        moved: source to how far changing it alone moved the predictions.
        floor: the same of one variant trained twice with equal seeds: what no source explains.
        trainings: models trained.
        seconds: wall seconds it all took.
    """

    life: Mapping[str, Life]
    moved: Mapping[str, Moved]
    floor: Moved
    trainings: int
    seconds: float

    @property
    def dead(self) -> tuple[str, ...]:
        """The dead sources."""
        return tuple(source for source, life in self.life.items() if life == "dead")

    def __str__(self) -> str:
        """Return the pilot in lines."""
        same = (
            "bit-identical"
            if self.floor.identical
            else f"{_said(self.floor)}: a floor that no source explains"
        )
        lines = [f"The same seeds twice: {same}"]
        for source, life in self.life.items():
            told = {
                "dead": "dead: the predictions are bit-identical, so the trainer ignores it; leave it out",
                "floor": f"no more than the same seeds twice: {_said(self.moved[source])}",
                "alive": f"alive: {_said(self.moved[source])}",
            }[life]
            lines.append(f"{source}: {told}")
        lines.append(f"{self.trainings} models in {self.seconds:.1f} s; nothing was written.")
        return "\n".join(lines)


def pilot(study: Study) -> Pilot:
    """Train a base variant twice, and for each source one variant that differs in it alone.

    The trainings run here, one block after another, and nothing is stored.

    Raises:
        UsageError: the data or a source does not suit the trainer.
        StudyError: a training fails.
    """
    start = time.perf_counter()
    train, holdout = read_source(study.recipe.train), read_source(study.recipe.holdout)
    if not isinstance(study.recipe.trainer, Streamed):
        train = train.with_inputs(whole(train.inputs))
    sources = study.sources
    base = dict.fromkeys(sources, 0)
    variants = [
        assigned(at, {**base, **moved}, sources, study.seed)
        for at, moved in enumerate([{}, *({source: 1} for source in sources)])
    ]
    first, *others = _scores(study, variants, train, holdout)
    (again,) = _scores(study, variants[:1], train, holdout)
    floor = _apart(first, again)
    moved = {s: _apart(first, other) for s, other in zip(sources, others, strict=True)}
    return Pilot(
        life={source: _life(one, floor) for source, one in moved.items()},
        moved=moved,
        floor=floor,
        trainings=len(variants) + 1,
        seconds=time.perf_counter() - start,
    )


def _scores(study: Study, variants: list[Variant], train: Data, holdout: Data) -> list[Scores]:
    """Return each variant's scores on the holdout, [examples, classes]."""
    fitted = study.recipe.trainer.fit(variants, train)
    for variant, reason in fitted.failed.items():
        raise StudyError(f"The pilot's variant '{variant}' did not train: {reason}")
    parts = [fitted.predict(inputs) for _, inputs in chunks(holdout.inputs)]
    said = dict(zip(fitted.variants, np.concatenate(parts, axis=1), strict=True))
    return [said[variant.id] for variant in variants]


def _apart(one: Scores, other: Scores) -> Moved:
    # Of a regression the only score is the answer.
    said = [s[:, 0] if s.shape[1] == 1 else s.argmax(axis=1) for s in (one, other)]
    return Moved(
        identical=bool(np.array_equal(one, other, equal_nan=True)),
        answers=float((said[0] != said[1]).mean()),
        scores=float(np.abs(one.astype(np.float64) - other).max()),
    )


def _life(moved: Moved, floor: Moved) -> Life:
    if moved.identical:
        return "dead"
    return "floor" if moved.scores <= floor.scores else "alive"


def _said(moved: Moved) -> str:
    return f"{100 * moved.answers:.2f} % of answers change, scores by up to {moved.scores:.2g}"
