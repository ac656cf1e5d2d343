"""A finished study, read back from its folder alone; nothing that it names is imported."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from underspec import metrics
from underspec.core.errors import StudyError, UsageError, one_of
from underspec.core.findings import Findings
from underspec.core.store import Store
from underspec.metrics._protocol import Metric
from underspec.study import layout
from underspec.study.block import BlockDone
from underspec.study.blocks import find_done
from underspec.study.measuring import Answered, fixed, values
from underspec.study.probing import HOLDOUT, ProbeRow
from underspec.study.record import read_record
from underspec.study.results import answered_probes, read_findings
from underspec.study.seen import reported
from underspec.study.tables import unpack_rows

__all__ = ["Reopened", "reopen"]


@dataclass(frozen=True, eq=False)
class Reopened:
    """A finished study.

    Attributes:
        folder: where it lies, as the user wrote it.
        store: the folder.
        findings: its findings.
        resolved: the study file with every default.
        done: what its blocks have committed.
    """

    folder: str
    store: Store
    findings: Findings
    resolved: Mapping[str, Any]
    done: Mapping[str, BlockDone]

    @property
    def seed(self) -> int:
        """Root seed, which halves the clusters."""
        return int(self.resolved["seed"])

    @cached_property
    def metric(self) -> Metric:
        """The first metric, which must be one that is installed under a name.

        Raises:
            UsageError: it is somebody's own code.
        """
        written = self.resolved["metric"]
        described = written[0] if isinstance(written, list) else written
        if not isinstance(described, Mapping):
            return metrics.get(str(described))
        name, parameters = next(iter(described.items()))
        if name not in metrics.names() or "call" in (parameters or {}):
            raise UsageError(
                f"{one_of('metric', name, metrics.names())} The study in {self.folder} has a metric of its own, "
                "and a folder is read without importing what it names."
            )
        return metrics.get(name, **(parameters or {}))

    @cached_property
    def judging(self) -> Metric:
        """The first metric, fixed on the holdout's deciding half for all trained variants."""
        return self._fixed(next(self.answered([HOLDOUT], self.trained)))

    def _fixed(self, holdout: Answered) -> Metric:
        return fixed(self.metric, holdout, ~self.halved(holdout))

    @property
    def middle(self) -> bool:
        """Whether the pool lies around the middle of all variants; otherwise, around the best."""
        rule, fields = next(iter(self.resolved["near_equal"].items()))
        return "quivalence" in rule or (fields or {}).get("around") == "median"

    @cached_property
    def trained(self) -> tuple[str, ...]:
        """Ids of the variants asked for that trained and predicted all."""
        table = unpack_rows(self._file(layout.VARIANTS), layout.VARIANTS)
        return tuple(row["id"] for row in table if row["status"] == "trained")

    @cached_property
    def sources(self) -> dict[str, str]:
        """Variant id to its seeds and values as text, empty where nothing is known of them."""
        return {
            variant: json.dumps([row["seeds"], row["values"]], sort_keys=True, default=str)
            if row.get("seeds") or row.get("values")
            else ""
            for record in self.done.values()
            for variant, row in record.variants.items()
        }

    @cached_property
    def home(self) -> set[str]:
        """Clusters of the holdout."""
        return set(next(self.answered([HOLDOUT], self.trained[:1])).examples.clusters.tolist())

    def answered(self, names: Sequence[str], variants: Sequence[str]) -> Iterator[Answered]:
        """Yield probes by name with what these variants said of them, one at a time.

        Raises:
            StudyError: a file is missing or damaged.
        """
        for name in names:
            yield self._one(name, variants)

    def halved(self, answered: Answered) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Say which examples of a probe this study reports."""
        clusters = answered.examples.clusters
        home = set(clusters.tolist()) if answered.row.name == HOLDOUT else self.home
        return reported(home, clusters, self.seed)

    def _one(self, name: str, variants: Sequence[str]) -> Answered:
        rows = self._rows.get(name, [])
        if not rows:
            raise StudyError(
                f"{self.folder} has findings on '{name}' but no predictions of it. Run the study again."
            )
        # A stress test that was changed leaves the probes it made before; the findings tell which counts.
        for row in rows if len(rows) > 1 else ():
            found = next(answered_probes(self.store, [row], self.done, self.trained))
            if self._is_found(name, found):
                rows = [row]
                break
        return next(answered_probes(self.store, rows[-1:], self.done, variants))

    def _is_found(self, name: str, answered: Answered) -> bool:
        rows = self.halved(answered)
        told = [self._scores.get((name, v)) for v in answered.predictions.variants]
        if None in told or not rows.any():
            return False
        metric = self._fixed(answered) if name == HOLDOUT else self.judging
        found = values(metric, answered, rows)
        return bool(np.allclose(found, np.array(told, dtype=np.float64), atol=1e-12))

    @cached_property
    def _scores(self) -> dict[tuple[str, str], float]:
        rows = unpack_rows(self._file(layout.SCORES), layout.SCORES)
        return {(row["probe"], row["variant"]): row["mean"] for row in rows}

    @cached_property
    def _rows(self) -> dict[str, list[ProbeRow]]:
        predicted = {key for record in self.done.values() for key in record.probes}
        made: dict[str, ProbeRow] = {}
        for file in self.store.names("probes"):
            if file.endswith(".json"):
                made.update({row.key: row for row in self._index(f"probes/{file}")})
        rows: dict[str, list[ProbeRow]] = {}
        for key in sorted(predicted & set(made)):
            rows.setdefault(made[key].name, []).append(made[key])
        # The holdout is what no stress test has made.
        rows[HOLDOUT] = [_holdout(key) for key in sorted(predicted - set(made))]
        return rows

    def _index(self, name: str) -> list[ProbeRow]:
        try:
            return [ProbeRow(**row) for row in json.loads(self._file(name))["probes"]]
        except (ValueError, KeyError, TypeError):
            raise StudyError(
                f"{name} in {self.folder} is damaged. Run the study with --verify to make it again."
            ) from None

    def _file(self, name: str) -> bytes:
        try:
            return self.store.read(name)
        except FileNotFoundError:
            raise StudyError(
                f"{name} is missing in {self.folder}. Run the study with --verify to compute it again."
            ) from None


def _holdout(key: str) -> ProbeRow:
    return ProbeRow(
        key=key,
        stress=HOLDOUT,
        name=HOLDOUT,
        title=HOLDOUT,
        kind="holdout",
        family=HOLDOUT,
        severity=None,
        n=0,
        may_choose=True,
    )


def reopen(folder: str) -> Reopened:
    """Return a finished study.

    Raises:
        StudyError: the folder holds no finished study.
    """
    store = Store(folder)
    findings = read_findings(store)
    return Reopened(folder, store, findings, read_record(store)["resolved"], find_done(store))
