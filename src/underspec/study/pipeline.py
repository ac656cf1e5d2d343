"""The order of the stages, written once: vary, train, stress, measure, report."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from underspec._version import __version__
from underspec.choose._protocol import Chooser, Weights
from underspec.core.errors import StudyError, UsageError, one_of
from underspec.core.events import Events, Listener
from underspec.core.findings import Findings
from underspec.core.records import Data
from underspec.core.store import Store
from underspec.data import agree
from underspec.run import Runner
from underspec.stress._protocol import Stress
from underspec.study import layout
from underspec.study.averages import Averages
from underspec.study.beforehand import foresee
from underspec.study.block import Block, BlockWork, read_source
from underspec.study.blocks import Done, cut, find_done, missing, run_blocks
from underspec.study.choosable import choosable
from underspec.study.environment import encode, environment
from underspec.study.guard import only_driver
from underspec.study.identity import recipe_id
from underspec.study.keeping import WHOLE_SCORES
from underspec.study.leaks import Watch
from underspec.study.probing import ProbeRow, enumerate_probes, stress_key
from underspec.study.record import check, compose, forget, read_json, refuse_occupied, settle
from underspec.study.results import (
    exhibit,
    read_findings,
    write_findings,
    write_report,
    write_results,
)
from underspec.study.study import Study
from underspec.study.tables import Examples, unpack_examples
from underspec.study.task import data_suits, trainer_suits
from underspec.study.verify import verify
from underspec.train._protocol import Averaging

__all__ = ["STAGES", "Foreseen", "Options", "rehearse", "run_study"]

STAGES = ("vary", "train", "stress", "measure", "report")


@dataclass(frozen=True)
class Options:
    """How far to go and what to accept.

    Attributes:
        until: the last stage to do.
        accept_code_change: go on although the trainer's code has changed.
        verify: check stored files against their checksums first.
    """

    until: str = "report"
    accept_code_change: bool = False
    verify: bool = False

    def __post_init__(self) -> None:
        if self.until not in STAGES:
            raise UsageError(one_of("stage", self.until, STAGES))

    def reaches(self, stage: str) -> bool:
        """Say whether a stage is to be done."""
        return STAGES.index(self.until) >= STAGES.index(stage)


@dataclass(frozen=True, eq=False)
class _Ground:
    """What the stages of one run stand on."""

    study: Study
    store: Store
    holdout: Data
    record: dict[str, Any]
    watch: Watch
    stress: tuple[tuple[str, Stress], ...]


def run_study(
    study: Study, out: str, runner: Runner, options: Options, listeners: Sequence[Listener]
) -> Findings | None:
    """Run a study or go on with it.

    Raises:
        UsageError: the study or its data is wrong, or another process writes the folder.
        StudyError: the folder belongs to another study, is broken, or cannot be written.
    """
    store = Store(out)
    refuse_occupied(store)
    ground = _ground(study, store)
    holdout, watch = ground.holdout, ground.watch
    with only_driver(store):
        events = Events(store, listeners)
        events.say("stage", stage="vary", detail=f"{study.variants} variants")
        if options.verify:
            verify(store, events)
        done = find_done(store)
        check(store, ground.record, bool(done), options.accept_code_change)
        # Before it is written down what is asked: a stress test that does not fit must cost nothing.
        rows, notes = _probes(ground, options, events)
        settle(store, ground.record)
        variants = study.assignment(study.variants, study.seed)
        blocks = cut(variants, done, runner.slots)
        if not options.reaches("train"):
            return None
        todo = missing(blocks, done, rows)
        if todo:
            forget(store)
            for note in watch.notes:
                events.say("warning", message=note)
            done |= _train(ground, todo, rows, runner, events)
        done = {block.id: done[block.id] for block in blocks}
        _refuse_without_trained(done)
        if not options.reaches("measure"):
            return None
        if not todo and _finished(store, options):
            events.say("stage", stage="done", detail="nothing to do: everything was there already")
            return read_findings(store)
        events.say("stage", stage="measure", detail=f"{len(rows)} probes")
        forget(store)
        told = [*watch.notes, *notes]
        codes = range(0 if holdout.regression else _classes(holdout))
        judging = study.judging(holdout.classes or [str(code) for code in codes])
        averages = _averages(ground, done)
        findings = write_results(store, judging, variants, rows, done, told, averages)
        exhibit(store, study, findings, rows, done, holdout)
        _note(store, {"underspec": __version__})
        write_findings(store, findings)
        if options.reaches("report"):
            events.say("stage", stage="report", detail="report.html")
            write_report(store)
        # As the file holds them: numbers rounded alike whether they were just computed or not.
        return read_findings(store)


def _averages(ground: _Ground, done: Done) -> Averages | None:
    """Return what asks means of models, where a rule wants them."""
    study = ground.study
    if not any(isinstance(rule, Weights) for rule in study.choosers.values()):
        return None
    return Averages(
        ground.store, study.recipe.trainer, done, dict(ground.stress), ground.holdout, study.seed
    )


def _ground(study: Study, store: Store) -> _Ground:
    """Return what a run stands on, having checked it."""
    train, holdout = read_source(study.recipe.train), read_source(study.recipe.holdout)
    agree(train, holdout)
    _check_task(study, holdout)
    record = compose(study, train, holdout)
    watch = Watch(train, holdout, record["identity"]["train"])
    # Once, and not again later: somebody may be editing the file of a stress test.
    summed = record["identity"]["holdout"]
    stress = tuple((stress_key(one, summed, study.seed), one) for one in study.stress)
    return _Ground(study, store, holdout, record, watch, stress)


@dataclass(frozen=True, eq=False)
class Foreseen:
    """What a run would have to do with, found without writing into its folder.

    Attributes:
        train: training examples.
        holdout: held-out examples.
        rows: the probes, the holdout first.
        classes: how many the models tell apart; 1 for regression.
        warnings: what is to be said beforehand, overlaps of examples included.
    """

    train: Data
    holdout: Data
    rows: list[ProbeRow]
    classes: int
    warnings: list[str]


def rehearse(study: Study, out: str, *, accept_code_change: bool = False) -> Foreseen:
    """Check all that is checked before anything is trained, and write nothing.

    Raises:
        UsageError: the study or its data is wrong.
        StudyError: the folder belongs to another study.
    """
    store = Store(out)
    refuse_occupied(store)
    with tempfile.TemporaryDirectory() as scratch:
        ground = _ground(study, Store(scratch))
        check(store, ground.record, bool(find_done(store)), accept_code_change)
        heard: list[str] = []

        def listen(event: Mapping[str, Any]) -> None:
            if event["event"] == "warning":
                heard.append(event["message"])

        events = Events(ground.store, [listen])
        rows, _ = _probes(ground, Options(), events)
    data = ground.watch.train, ground.holdout
    classes = 1 if ground.holdout.regression else _classes(ground.holdout)
    return Foreseen(*data, rows, classes, [*ground.watch.notes, *heard])


def _classes(data: Data) -> int:
    """Return how many classes a data set tells apart."""
    return len(data.classes) or int(data.labels.max(initial=0)) + 1


def _check_task(study: Study, holdout: Data) -> None:
    data_suits(holdout, study.task)
    trainer_suits(study.recipe.trainer, study.task)
    if holdout.regression:
        return
    classes = _classes(holdout)
    if study.task == "binary" and classes != 2:
        raise UsageError(
            f"The task is binary but there are {classes} classes. Use task: classification."
        )
    whole = [name for name, metric in study.metrics.items() if metric.needs == "scores"]
    if whole and classes > WHOLE_SCORES:
        raise UsageError(
            f"The metric '{whole[0]}' needs the scores of all {classes} classes, but a study keeps "
            f"them up to {WHOLE_SCORES} classes. Use metric: accuracy or log_loss."
        )


def _probes(ground: _Ground, options: Options, events: Events) -> tuple[list[ProbeRow], list[str]]:
    study = ground.study
    wanted = ground.stress if options.reaches("stress") else ()
    events.say("stage", stage="stress", detail=f"{len(wanted)} stress tests")
    holdout_sum = ground.record["identity"]["holdout"]
    rows, notes = enumerate_probes(
        ground.store,
        [one for _, one in wanted],
        ground.holdout,
        holdout_sum,
        study.seed,
        ground.watch,
        [key for key, _ in wanted],
    )
    for note in notes:
        events.say("warning", message=note)
    read = [row.name for row in rows if row.reads]
    whole = [name for name, metric in study.metrics.items() if metric.needs == "scores"]
    if read and whole:
        raise UsageError(
            f"The metric '{whole[0]}' needs the scores of all classes, but the probe '{read[0]}' has "
            f"other classes than the models. Use metric: accuracy or log_loss."
        )
    if options.reaches("stress"):
        choosable(
            study.choosers,
            study.metrics,
            ground.holdout,
            rows,
            averaged=isinstance(study.recipe.trainer, Averaging) and study.models == "keep",
        )
    for warning in _foreseen(ground, rows, study.choosers if options.reaches("stress") else {}):
        # Findings say so of themselves, so that it is no note.
        events.say("warning", message=warning)
    return rows, notes


def _foreseen(ground: _Ground, rows: list[ProbeRow], choosers: Mapping[str, Chooser]) -> list[str]:
    def examples(row: ProbeRow) -> Examples:
        name = layout.probe_examples(row.key)
        return unpack_examples(ground.store.read(name), name)

    study, classes = ground.study, 1 if ground.holdout.regression else _classes(ground.holdout)
    return foresee(study.metrics, choosers, rows, examples, classes=classes, seed=study.seed)


def _train(
    ground: _Ground, todo: list[Block], rows: list[ProbeRow], runner: Runner, events: Events
) -> Done:
    study, store = ground.study, ground.store
    fresh = sum(len(b.variants) for b in todo if not b.done)
    again = sum(len(b.variants) for b in todo if b.done)
    events.say(
        "stage",
        stage="train",
        detail=f"{fresh} variants to train, {again} to predict on new probes",
        blocks=len(todo),
        variants=fresh + again,
    )
    if again and study.models == "discard":
        events.say(
            "warning", message=f"No models were kept, so {again} variants are trained again."
        )
    holdout_sum = ground.record["identity"]["holdout"]
    work = BlockWork(
        store=store,
        recipe=recipe_id(ground.record["identity"]),
        trainer=study.recipe.trainer,
        train=study.recipe.train,
        holdout=study.recipe.holdout,
        checksums=(ground.record["identity"]["train"], holdout_sum),
        stress=dict(ground.stress),
        probes=rows,
        root_seed=study.seed,
        keep_models=study.models == "keep",
    )
    start = time.perf_counter()
    finished = run_blocks(work, todo, runner, events)
    where = type(runner).__name__.lower()
    record = environment(study.recipe.trainer.strategy, where, runner.slots)
    spent = (
        read_json(store, layout.ENVIRONMENT).get("wall_seconds", 0.0) + time.perf_counter() - start
    )
    _note(store, {**record, "wall_seconds": round(spent, 1)})
    return finished


def _note(store: Store, facts: dict[str, Any]) -> None:
    store.write(layout.ENVIRONMENT, encode({**read_json(store, layout.ENVIRONMENT), **facts}))


def _refuse_without_trained(done: Done) -> None:
    if not any(record.trained() for record in done.values()):
        reasons = [row["error"] for record in done.values() for row in record.variants.values()]
        raise StudyError(f"No variant trained. The first one failed with: {reasons[0]}")


def _finished(store: Store, options: Options) -> bool:
    if not store.exists(layout.FINDINGS):
        return False
    if options.reaches("report") and not store.exists("report.html"):
        return False
    try:
        read_findings(store)
    except StudyError:
        return False
    # Another version may compute otherwise.
    return bool(read_json(store, layout.ENVIRONMENT).get("underspec") == __version__)
