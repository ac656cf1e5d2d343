"""The order of the stages, written once: vary, train, stress, measure, report."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from underspec._version import __version__
from underspec.core.errors import StudyError, UsageError, one_of
from underspec.core.events import Events, Listener
from underspec.core.findings import Findings
from underspec.core.records import Data
from underspec.core.store import Store
from underspec.data import agree
from underspec.run import Runner
from underspec.study import layout
from underspec.study.block import Block, BlockWork, read_source
from underspec.study.blocks import Done, cut, find_done, missing, run_blocks, verify_blocks
from underspec.study.environment import encode, environment
from underspec.study.guard import only_driver
from underspec.study.identity import identity, recipe_id, refuse_other
from underspec.study.probing import ProbeRow, enumerate_probes, stress_key
from underspec.study.results import (
    exhibit,
    read_findings,
    write_findings,
    write_report,
    write_results,
)
from underspec.study.study import Study

__all__ = ["STAGES", "Options", "run_study"]

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


def run_study(
    study: Study, out: str, runner: Runner, options: Options, listeners: Sequence[Listener]
) -> Findings | None:
    """Run a study or go on with it.

    Raises:
        UsageError: the study or its data is wrong, or another process writes the folder.
        StudyError: the folder belongs to another study, is broken, or cannot be written.
    """
    store = Store(out)
    _refuse_foreign(store)
    train, holdout = read_source(study.recipe.train), read_source(study.recipe.holdout)
    agree(train, holdout)
    _check_task(study, holdout)
    with only_driver(store):
        events = Events(store, listeners)
        events.say("stage", stage="vary", detail=f"{study.variants} variants")
        ground = _open(study, store, train, holdout, options)
        if options.verify:
            verify_blocks(store, events)
        done = find_done(store)
        variants = study.assignment(study.variants, study.seed)
        blocks = cut(variants, done, runner.slots)
        if not options.reaches("train"):
            return None
        rows, notes = _probes(ground, options, events)
        todo = missing(blocks, done, rows)
        if todo:
            _forget(store)
            done |= _train(ground, todo, rows, runner, events)
        done = {block.id: done[block.id] for block in blocks}
        _refuse_without_trained(done)
        if not options.reaches("measure"):
            return None
        if not todo and _finished(store, options):
            events.say("stage", stage="done", detail="nothing to do: everything was there already")
            return read_findings(store)
        events.say("stage", stage="measure", detail=f"{len(rows)} probes")
        _forget(store)
        findings = write_results(store, study.judging, variants, rows, done, notes)
        exhibit(store, study, findings, rows, done, holdout)
        _note(store, {"underspec": __version__})
        write_findings(store, findings)
        if options.reaches("report"):
            events.say("stage", stage="report", detail="report.html")
            write_report(store)
        # As the file holds them: numbers rounded alike whether they were just computed or not.
        return read_findings(store)


def _refuse_foreign(store: Store) -> None:
    """Leave a folder alone that holds something else than a study."""
    if store.local is not None and store.local.is_file():
        raise UsageError(f"--out {store} is a file. Give a folder.")
    names = store.names()
    if (
        names
        and not store.exists(layout.STUDY)
        and set(names) - {"events", "probes", "driver.json"}
    ):
        raise UsageError(
            f"The folder {store} is not empty and holds no study (it has '{names[0]}'). Give another --out."
        )


def _check_task(study: Study, holdout: Data) -> None:
    classes = len(holdout.classes) or int(holdout.labels.max()) + 1
    if study.task == "binary" and classes != 2:
        raise UsageError(
            f"The task is binary but there are {classes} classes. Use task: classification."
        )


def _open(study: Study, store: Store, train: Data, holdout: Data, options: Options) -> _Ground:
    """Check the folder's identity and write down what is asked."""
    parts = identity(study, train, holdout)
    record = {"passed": _plain(study.passed), "resolved": study.resolved(), "identity": parts}
    readers = (study.recipe.train, study.recipe.holdout)
    notices = [r.notice for r in readers if not isinstance(r, Data) and r.notice]
    record["notices"] = list(dict.fromkeys(notices))
    if store.exists(layout.STUDY):
        before = _read_record(store)
        refuse_other(before["identity"], parts, options.accept_code_change)
        if before["resolved"] != record["resolved"]:
            _forget(store)
    else:
        _forget(store)
    text = yaml.safe_dump(record, sort_keys=False, allow_unicode=True, width=100)
    if not store.exists(layout.STUDY) or store.read(layout.STUDY).decode() != text:
        store.write(layout.STUDY, text.encode())
    return _Ground(study, store, holdout, record)


def _read_record(store: Store) -> dict[str, Any]:
    try:
        record = yaml.safe_load(store.read(layout.STUDY))
        return {"resolved": record["resolved"], "identity": record["identity"]}
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError):
        raise StudyError(
            f"{layout.STUDY} in {store} is damaged, so nobody can tell which study this is. Give another "
            "--out, or restore the file."
        ) from None


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def _forget(store: Store) -> None:
    # Findings that are there always belong to what the folder holds: they go before it changes.
    store.remove(layout.FINDINGS)


def _probes(ground: _Ground, options: Options, events: Events) -> tuple[list[ProbeRow], list[str]]:
    study = ground.study
    wanted = study.stress if options.reaches("stress") else ()
    events.say("stage", stage="stress", detail=f"{len(wanted)} stress tests")
    holdout_sum = ground.record["identity"]["holdout"]
    rows, notes = enumerate_probes(ground.store, wanted, ground.holdout, holdout_sum, study.seed)
    for note in notes:
        events.say("warning", message=note)
    return rows, notes


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
        stress={stress_key(s, holdout_sum, study.seed): s for s in study.stress},
        probes=rows,
        root_seed=study.seed,
        keep_models=study.models == "keep",
    )
    start = time.perf_counter()
    finished = run_blocks(work, todo, runner, events)
    where = type(runner).__name__.lower()
    record = environment(study.recipe.trainer.strategy, where, runner.slots)
    spent = _environment(store).get("wall_seconds", 0.0) + time.perf_counter() - start
    _note(store, {**record, "wall_seconds": round(spent, 1)})
    return finished


def _environment(store: Store) -> dict[str, Any]:
    found = json.loads(store.read(layout.ENVIRONMENT)) if store.exists(layout.ENVIRONMENT) else {}
    return dict(found)


def _note(store: Store, facts: dict[str, Any]) -> None:
    store.write(layout.ENVIRONMENT, encode({**_environment(store), **facts}))


def _refuse_without_trained(done: Done) -> None:
    if not any(record.trained() for record in done.values()):
        reasons = [row["error"] for record in done.values() for row in record.variants.values()]
        raise StudyError(f"No variant trained. The first one failed with: {reasons[0]}")


def _finished(store: Store, options: Options) -> bool:
    if not store.exists(layout.FINDINGS):
        return False
    if options.reaches("report") and not store.exists("report.html"):
        return False
    # Another version may compute otherwise.
    return bool(_environment(store).get("underspec") == __version__)
