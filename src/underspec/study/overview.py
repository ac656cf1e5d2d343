"""What a run would do, and how far one has come."""

from dataclasses import dataclass, replace

import numpy as np

from underspec.core.records import Data
from underspec.core.store import Store
from underspec.core.streams import stream
from underspec.data._protocol import Reader
from underspec.study.block import Source, read_source
from underspec.study.blocks import find_done
from underspec.study.probing import ProbeRow
from underspec.study.record import read_record
from underspec.study.study import Study

__all__ = ["Limited", "forecast", "limited", "progress"]


@dataclass(frozen=True)
class Limited(Reader):
    """A few examples of another data set, as many of each class as it goes; for a trial.

    Attributes:
        source: the whole data set.
        limit: how many examples.
    """

    source: Source
    limit: int

    @property
    def notice(self) -> str | None:
        """The notice of the whole."""
        return None if isinstance(self.source, Data) else self.source.notice

    def __call__(self) -> Data:
        """Read the whole and keep a part that is the same every time."""
        data = read_source(self.source)
        rank = np.array([stream(0, "limit").child(i).seed() for i in data.ids.tolist()])
        within = np.empty(len(data), dtype=np.int64)
        for label in np.unique(data.labels):
            rows = np.flatnonzero(data.labels == label)
            within[rows[np.argsort(rank[rows])]] = np.arange(len(rows))
        # The first of each class, then the second of each, and so on.
        order = np.lexsort((rank, within))
        return data.take(np.sort(order[: self.limit]))


def limited(study: Study, limit: int) -> Study:
    """Return the study on a few examples; it is another study than the whole one."""
    recipe = replace(
        study.recipe,
        train=Limited(study.recipe.train, limit),
        holdout=Limited(study.recipe.holdout, limit),
    )
    return replace(study, recipe=recipe, name=f"{study.name}-limit-{limit}")


def forecast(study: Study, out: str, *, accept_code_change: bool = False) -> str:
    """Return what running a study would do, in lines; nothing is trained or written.

    Raises:
        UsageError: the study or its data is wrong.
        StudyError: the folder belongs to another study.
    """
    from underspec.study.pipeline import rehearse

    ahead = rehearse(study, out, accept_code_change=accept_code_change)
    train, holdout = ahead.train, ahead.holdout
    done = find_done(Store(out))
    asked = {v.id for v in study.assignment(study.variants, study.seed)}
    trained = asked & {v for record in done.values() for v in record.trained()}
    what = "a number to predict" if holdout.regression else f"{ahead.classes} classes"
    first, *others = study.metrics
    also = f"; {', '.join(others)} told beside it" if others else ""
    probes = [
        f"  {row.name}: {_size(row)}" + (f" ({row.title})" if row.title != row.name else "")
        for row in ahead.rows[1:]
    ]
    lines = [
        f"Study {study.name} in {out}",
        f"{len(train)} training and {len(holdout)} holdout examples, {what}",
        f"{len(asked)} variants, of which {len(trained)} are trained already",
        f"varying {', '.join(study.sources)}; everything else is held equal",
        f"judged by {first}{also}; epsilon {study.near_equal.epsilon:g}, max_drop {study.largest_drop:g}",
        f"{len(probes)} probes of {len(study.stress)} stress tests" + (":" if probes else ""),
        *probes,
        *(f"Warning: {warning}" for warning in ahead.warnings),
        "Nothing was trained or written.",
    ]
    return "\n".join(lines)


def progress(store: Store) -> str:
    """Return how far an unfinished study has come."""
    record = read_record(store)["resolved"]
    done = find_done(store)
    trained = sum(len(d.trained()) for d in done.values())
    failed = sum(len(d.variants) for d in done.values()) - trained
    state = "being written" if store.exists("driver.json") else "not running"
    return (
        f"Study {record['name']}, unfinished and {state}: {trained} of {record['variants']} variants trained, "
        f"{failed} failed. Run the same command to go on."
    )


def _size(row: ProbeRow) -> str:
    return f"{row.n // 2} pairs" if row.kind == "contrastive" else f"{row.n} examples"
