"""What is done for one block: train, predict on every probe, commit."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np

from underspec.core.errors import StudyError
from underspec.core.lazy import Lazy, chunks, whole
from underspec.core.records import Data, Probe, Variant
from underspec.core.store import Store, sha256
from underspec.data._protocol import Reader
from underspec.data.checksum import checksum
from underspec.stress._protocol import Stress
from underspec.study import layout
from underspec.study.environment import versions
from underspec.study.keeping import Kept, keep
from underspec.study.probing import HOLDOUT, ProbeCache, ProbeRow
from underspec.study.tables import pack_kept
from underspec.train._protocol import Fitted, Streamed, Trainer

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
        broken: probe key to the variants that gave no finite score there, with the reason.
        packages: versions it was trained with.
    """

    recipe: str
    variants: Mapping[str, Mapping[str, Any]]
    probes: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    broken: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)

    def trained(self) -> tuple[str, ...]:
        """Return the ids that trained, in order."""
        return tuple(v for v, row in self.variants.items() if row["status"] == "trained")

    def failed(self, probes: Iterable[str]) -> dict[str, str]:
        """Return the variants that did not train or broke on one of these probes, and why."""
        reasons = {v: row["error"] for v, row in self.variants.items() if row["status"] == "failed"}
        for key in probes:
            for variant, reason in self.broken.get(key, {}).items():
                reasons.setdefault(variant, reason)
        return reasons


def read_done(store: Store, block: str) -> BlockDone | None:
    """Return what a block has committed, None where nothing."""
    try:
        row = json.loads(store.read(layout.done(block)))
        return BlockDone(
            row["recipe"],
            row["variants"],
            tuple(row["probes"]),
            row["files"],
            row["broken"],
            row["packages"],
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise StudyError(
            f"{layout.done(block)} is damaged. Run the study with --verify to recompute its block."
        ) from None


_cache = ProbeCache()
_data: dict[str, Data] = {}


def _read_once(source: Source, expected: str, what: str) -> Data:
    """Return a source's examples, read once a worker, and the same that the driver read."""
    known = _data.get(expected)
    data = read_source(source) if known is None else known
    # Files may change under what is read when needed.
    if (known is None or isinstance(data.inputs, Lazy)) and checksum(data) != expected:
        raise StudyError(
            f"The {what} came out differently here than when the study began. What reads it must give the "
            "same examples in the same order every time, and its files must stay as they are."
        )
    _data[expected] = data
    return data


@dataclass(frozen=True, eq=False)
class BlockWork:
    """Trains and predicts blocks; the same object serves all blocks of a run.

    Attributes:
        store: the study folder; only files of the block at hand are written.
        recipe: id of the recipe.
        trainer: who trains.
        train: training examples.
        holdout: held-out examples.
        checksums: of the two, as the driver read them.
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
    checksums: tuple[str, str]
    stress: Mapping[str, Stress]
    probes: Sequence[ProbeRow]
    root_seed: int
    keep_models: bool

    def __call__(self, block: Block) -> BlockDone:
        """Train the block, predict what is missing, and commit."""
        before = read_done(self.store, block.id) if block.done else None
        folder = layout.models(block.id)
        if before is not None and any(name.startswith("models/") for name in before.files):
            with self.store.folder(folder) as path:
                fitted = self.trainer.load(path)
            done = before
        else:
            if before is None:
                # What a killed process left here was never committed.
                self.store.remove(f"blocks/{block.id}")
            data = _read_once(self.train, self.checksums[0], "training set")
            streamed = isinstance(self.trainer, Streamed)
            # Other trainers pass over their examples many times, in orders of their own.
            data = data if streamed else data.with_inputs(whole(data.inputs))
            fitted = self.trainer.fit(block.variants, data)
            files = self._save(fitted, folder) if self.keep_models and fitted.variants else {}
            rows = {v.id: _row(v, fitted) for v in block.variants}
            done = before or BlockDone(self.recipe, rows, (), files, {}, versions())
            if streamed and before is None and files:
                self._commit(block, done)  # days of training are not to hang on the predictions
        if fitted.variants:
            done = self._predict(fitted, block, done)
        self._commit(block, done)
        return done

    def _commit(self, block: Block, done: BlockDone) -> None:
        content = {**asdict(done), "probes": sorted(done.probes)}
        self.store.write(layout.done(block.id), json.dumps(content, indent=1, default=str).encode())

    def _save(self, fitted: Fitted, folder: str) -> dict[str, str]:
        with self.store.filling(folder) as path:
            fitted.save(path)
            return {
                f"models/{p.relative_to(path).as_posix()}": sha256(p.read_bytes())
                for p in sorted(path.rglob("*"))
                if p.is_file()
            }

    def _predict(self, fitted: Fitted, block: Block, done: BlockDone) -> BlockDone:
        files, broken, probes = dict(done.files), dict(done.broken), list(done.probes)
        for probe, key in self._missing(set(probes)):
            parts, wrong = _answered(fitted, probe)
            if wrong:
                reason = f"Its scores on the probe '{probe.name}' are not finite."
                broken[key] = dict.fromkeys(wrong, reason)
            content = pack_kept(fitted.variants, parts)
            self.store.write(layout.predictions(block.id, key), content)
            files[f"{key}.parquet"] = sha256(content)
            probes.append(key)
        return replace(done, files=files, broken=broken, probes=tuple(probes))

    def _missing(self, have: set[str]) -> Iterator[tuple[Probe, str]]:
        wanted: dict[str, dict[str, str]] = {}
        for row in self.probes:
            if row.key not in have:
                wanted.setdefault(row.stress, {})[row.name] = row.key
        if not wanted:
            return
        data = _read_once(self.holdout, self.checksums[1], "holdout")
        for stress, expected in wanted.items():
            if stress == HOLDOUT:
                yield Probe(HOLDOUT, "holdout", HOLDOUT, data), expected[HOLDOUT]
                continue
            made = _cache.probes(self.stress[stress], data, stress, self.root_seed, expected)
            for probe in made:
                if probe.name in expected:
                    yield probe, expected[probe.name]


def _answered(fitted: Fitted, probe: Probe) -> tuple[list[Kept], list[str]]:
    """Return what is kept of the answers, part by part, and who gave scores that are not finite."""
    parts: list[Kept] = []
    finite = np.ones(len(fitted.variants), dtype=np.bool_)
    for rows, inputs in chunks(probe.data.inputs):
        scores = fitted.predict(inputs)
        finite &= np.isfinite(scores).all(axis=(1, 2))
        parts.append(keep(scores, probe.data.labels[rows], probe.answers))
    return parts, [v for v, fine in zip(fitted.variants, finite, strict=True) if not fine]


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
