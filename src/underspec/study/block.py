"""What is done for one block: train, predict on every probe, commit."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from underspec.core.errors import StudyError
from underspec.core.records import Data, Probe, Scores, Variant
from underspec.core.store import Store, sha256
from underspec.data._protocol import Reader
from underspec.stress._protocol import Stress
from underspec.study import layout
from underspec.study.probing import HOLDOUT, ProbeCache, ProbeRow
from underspec.study.tables import pack_predictions
from underspec.train._protocol import Fitted, Trainer

__all__ = ["Block", "BlockDone", "BlockWork", "Source", "read_done", "read_source"]

Source: TypeAlias = Data | Reader


def read_source(source: Source) -> Data:
    """Return the examples of a data set or of a reader."""
    return source if isinstance(source, Data) else source()


@dataclass(frozen=True)
class Block:
    """Variants trained together.

    Attributes:
        id: ``b0000`` ...; never cut again.
        variants: its variants.
        done: whether they are trained already, so that only predictions are missing.
    """

    id: str
    variants: tuple[Variant, ...]
    done: bool = False


@dataclass(frozen=True)
class BlockDone:
    """What `done.json` says of a block.

    Attributes:
        recipe: id of the recipe it was trained with.
        variants: id to ``{"status", "seconds", "error", "seeds", "values"}``.
        probes: keys of the probes predicted.
        files: name inside the block to its SHA-256.
    """

    recipe: str
    variants: Mapping[str, Mapping[str, Any]]
    probes: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)

    def trained(self) -> tuple[str, ...]:
        """Return the ids that trained, in order."""
        return tuple(v for v, row in self.variants.items() if row["status"] == "trained")


def read_done(store: Store, block: str) -> BlockDone | None:
    """Return what a block has committed, None where nothing."""
    try:
        row = json.loads(store.read(layout.done(block)))
        return BlockDone(row["recipe"], row["variants"], tuple(row["probes"]), row["files"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise StudyError(
            f"{layout.done(block)} is damaged. Run the study with --verify to recompute its block."
        ) from None


_cache = ProbeCache()
_data: dict[int, tuple[Source, Data]] = {}


def _read_once(source: Source) -> Data:
    # A worker meets the same source in every block.
    if id(source) not in _data:
        _data[id(source)] = (source, read_source(source))
    return _data[id(source)][1]


@dataclass(frozen=True, eq=False)
class BlockWork:
    """Trains and predicts blocks; the same object serves all blocks of a run.

    Attributes:
        store: the study folder; only files of the block at hand are written.
        recipe: id of the recipe.
        trainer: who trains.
        train: training examples.
        holdout: held-out examples.
        stress: stress tests by key.
        probes: every probe to predict on.
        root_seed: root of all randomness.
        keep_models: whether models are stored.
    """

    store: Store
    recipe: str
    trainer: Trainer
    train: Source
    holdout: Source
    stress: Mapping[str, Stress]
    probes: Sequence[ProbeRow]
    root_seed: int
    keep_models: bool

    def __call__(self, block: Block) -> BlockDone:
        """Train the block, predict what is missing, and commit."""
        before = read_done(self.store, block.id) if block.done else None
        folder = layout.models(block.id)
        files: dict[str, str] = dict(before.files) if before else {}
        if before is not None and self.store.exists(folder):
            with self.store.folder(folder) as path:
                fitted = self.trainer.load(path)
            rows = {v: dict(row) for v, row in before.variants.items()}
        else:
            fitted = self.trainer.fit(block.variants, _read_once(self.train))
            rows = {v.id: _row(v, fitted) for v in block.variants}
            if self.keep_models and fitted.variants:
                files.update(self._save(fitted, folder))
        have = set(before.probes) if before else set()
        if fitted.variants:
            self._predict(fitted, block, have, rows, files)
        # Variants that lost their predictions are failed, so say so before committing.
        done = BlockDone(
            self.recipe if before is None else before.recipe, rows, tuple(sorted(have)), files
        )
        content = {"recipe": done.recipe, "variants": rows, "probes": sorted(have), "files": files}
        self.store.write(layout.done(block.id), json.dumps(content, indent=1, default=str).encode())
        return done

    def _save(self, fitted: Fitted, folder: str) -> dict[str, str]:
        with self.store.filling(folder) as path:
            fitted.save(path)
            return {
                f"models/{p.relative_to(path).as_posix()}": sha256(p.read_bytes())
                for p in sorted(path.rglob("*"))
                if p.is_file()
            }

    def _predict(
        self,
        fitted: Fitted,
        block: Block,
        have: set[str],
        rows: dict[str, dict[str, Any]],
        files: dict[str, str],
    ) -> None:
        for probe, key in self._missing(have):
            scores = fitted.predict(probe.data.inputs)
            _refuse_broken(scores, fitted, probe, rows)
            content = pack_predictions(fitted.variants, scores, probe.data.labels)
            name = layout.predictions(block.id, key)
            self.store.write(name, content)
            files[f"{key}.parquet"] = sha256(content)
            have.add(key)

    def _missing(self, have: set[str]) -> Iterator[tuple[Probe, str]]:
        wanted: dict[str, dict[str, str]] = {}
        for row in self.probes:
            if row.key not in have:
                wanted.setdefault(row.stress, {})[row.name] = row.key
        if not wanted:
            return
        data = _read_once(self.holdout)
        for stress, expected in wanted.items():
            if stress == HOLDOUT:
                yield Probe(HOLDOUT, "holdout", HOLDOUT, data), expected[HOLDOUT]
                continue
            made = _cache.probes(self.stress[stress], data, stress, self.root_seed, expected)
            for probe in made:
                if probe.name in expected:
                    yield probe, expected[probe.name]


def _row(variant: Variant, fitted: Fitted) -> dict[str, Any]:
    error = fitted.failed.get(variant.id)
    return {
        "status": "trained" if error is None else "failed",
        "position": fitted.variants.index(variant.id) if variant.id in fitted.variants else None,
        "seconds": fitted.seconds.get(variant.id),
        "error": error,
        "note": fitted.notes.get(variant.id),
        "seeds": dict(variant.seeds),
        "values": dict(variant.values),
    }


def _refuse_broken(
    scores: Scores, fitted: Fitted, probe: Probe, rows: dict[str, dict[str, Any]]
) -> None:
    """Mark variants whose scores are not finite as failed; their numbers are never averaged."""
    for index in np.flatnonzero(~np.isfinite(scores).all(axis=(1, 2))):
        row = rows[fitted.variants[int(index)]]
        row["status"] = "failed"
        row["error"] = row["error"] or f"Scores on the probe '{probe.name}' are not finite."
