"""Models that are the mean of several variants' weights, asked about every probe once."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from underspec.core.errors import StudyError, UsageError
from underspec.core.lazy import chunks
from underspec.core.records import Data, Probe, Scores
from underspec.core.store import Store
from underspec.stress._protocol import Stress
from underspec.study import layout
from underspec.study.block import BlockDone
from underspec.study.canonical import digest
from underspec.study.keeping import keep
from underspec.study.probing import HOLDOUT, ProbeRow, make_probes
from underspec.study.tables import pack_kept, unpack_predictions
from underspec.train._protocol import Averaging, Fitted, Trainer

__all__ = ["Averages", "average_name"]


def average_name(group: Sequence[str], done: Mapping[str, BlockDone]) -> str:
    """Return what the mean of some variants' models is called in a study folder."""
    # With the models' checksums: a variant that is trained again is another one.
    files = {
        block: {name: sha for name, sha in record.files.items() if name.startswith("models/")}
        for block, record in sorted(done.items())
        if set(group) & set(record.trained())
    }
    return digest([sorted(group), files])


class Averages:
    """Makes them when they are asked for, and keeps what they said in the study folder.

    Args:
        store: the study folder.
        trainer: that of the study; it can average.
        done: what blocks have committed.
        stress: stress tests by key.
        holdout: held-out examples.
        root_seed: root of all randomness.
    """

    def __init__(
        self,
        store: Store,
        trainer: Trainer,
        done: Mapping[str, BlockDone],
        stress: Mapping[str, Stress],
        holdout: Data,
        root_seed: int,
    ) -> None:
        self._store, self._trainer, self._done = store, trainer, done
        self._stress, self._holdout, self._seed = stress, holdout, root_seed
        self._fitted: list[Fitted] | None = None
        self._made: dict[tuple[str, ...], Fitted] = {}
        self._open: tuple[str, Iterator[Probe]] | None = None

    def scores(self, row: ProbeRow, groups: Sequence[tuple[str, ...]]) -> Scores:
        """Return what the mean models say of a probe, float32 [groups, examples, classes].

        Args:
            row: the probe.
            groups: ids of the variants whose weights are averaged.

        Raises:
            UsageError: the variants' models are not of one shape.
            StudyError: a model cannot be read, or a probe comes out differently than it was.
        """
        known = {group: self._read(row, group) for group in groups}
        lacking = [group for group, scores in known.items() if scores is None]
        if lacking:
            probe = self._probe(row)
            for group in lacking:
                known[group] = self._ask(row, probe, group)
        return np.stack([known[group] for group in groups])  # type: ignore[misc]

    def keep(self, group: tuple[str, ...]) -> None:
        """Store the mean model itself, so that it can be exported."""
        folder = layout.average_models(average_name(group, self._done))
        if not self._store.exists(folder):
            with self._store.filling(folder) as path:
                self._model(group).save(path)

    def _read(self, row: ProbeRow, group: tuple[str, ...]) -> Scores | None:
        name = layout.average(average_name(group, self._done), row.key)
        if not self._store.exists(name):
            return None
        try:
            labels = np.zeros(row.n, dtype=np.int32)
            said = unpack_predictions([(self._store.read(name), ["mean"], name)], labels)
            return None if said.scores is None else said.scores[0]
        except (StudyError, KeyError):
            return None  # damaged: asked again

    def _ask(self, row: ProbeRow, probe: Probe, group: tuple[str, ...]) -> Scores:
        model = self._model(group)
        parts = []
        for rows, inputs in chunks(probe.data.inputs):
            scores = model.predict(inputs)
            if not np.isfinite(scores).all():
                raise UsageError(
                    f"The mean of the weights of {len(group)} variants gives scores on the probe '{probe.name}' "
                    "that are not finite. Leave the choice rule weight_average out."
                )
            parts.append(keep(scores, probe.data.labels[rows]))
        self._store.write(
            layout.average(average_name(group, self._done), row.key), pack_kept(["mean"], parts)
        )
        whole: Scores = np.concatenate([part["scores"][0] for part in parts])
        return whole

    def _model(self, group: tuple[str, ...]) -> Fitted:
        if group not in self._made:
            if not isinstance(self._trainer, Averaging):
                raise UsageError("This trainer cannot average weights.")
            self._made[group] = self._trainer.average(self._loaded(), group)
        return self._made[group]

    def _loaded(self) -> list[Fitted]:
        if self._fitted is None:
            self._fitted = []
            for block in sorted(self._done):
                folder = layout.models(block)
                if not self._store.exists(folder):
                    raise StudyError(
                        f"{folder} is missing in {self._store}. Run the study with --verify to train its block "
                        "again."
                    )
                with self._store.folder(folder) as path:
                    self._fitted.append(self._trainer.load(path))
        return self._fitted

    def _probe(self, row: ProbeRow) -> Probe:
        """Return a probe with its inputs; those of one stress test are made once, in their order."""
        if row.stress == HOLDOUT:
            return Probe(HOLDOUT, "holdout", HOLDOUT, self._holdout)
        for again in (False, True):
            if again or self._open is None or self._open[0] != row.stress:
                member = self._stress[row.stress]
                self._open = row.stress, make_probes(member, self._holdout, self._seed)
            for probe in self._open[1]:
                if probe.name == row.name:
                    return probe
        raise StudyError(
            f"The probe '{row.name}' is not made any more as it was when the study began. Run the same command "
            "again."
        )
