"""Foreign probes as a study folder keeps them: examples and predictions, and one probe a group."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.names import likeness, part, parts
from underspec.core.records import Kind, Predictions
from underspec.core.store import Store, sha256
from underspec.data.predictions import Foreign, ForeignProbe
from underspec.study import layout
from underspec.study.canonical import digest
from underspec.study.counted import Listed, carried
from underspec.study.probing import HOLDOUT, ProbeRow
from underspec.study.results import SMALLEST_GROUP
from underspec.study.tables import Examples, pack_kept, pack_rows, pack_said, unpack_examples

__all__ = ["BLOCK", "Kept", "examples_of", "keep_probes"]

BLOCK = layout.block_id(0)
"""The one block of an analysis."""


def examples_of(store: Store, row: ProbeRow) -> Examples:
    """Return the examples of a probe that was kept."""
    name = layout.probe_examples(row.key)
    return unpack_examples(store.read(name), name)


class _Families:
    """Readable names for families of probes; two never share one."""

    def __init__(self) -> None:
        self._taken: dict[str, str] = {}

    def name(self, wanted: str, text: str) -> str:
        """Return the name wanted, unless it is unfit or stands for another text already."""
        fit = part(wanted) == wanted and self._taken.get(wanted, text) == text
        name = wanted if fit else part(text)
        self._taken.setdefault(name, text)
        return name


def _strata(probe: ForeignProbe, families: _Families) -> list[ForeignProbe]:
    """Return one probe for each group of a probe that is large enough to be reported.

    Contrastive ones are not broken down.
    """
    if probe.group is None or probe.pairs is not None:
        return []
    found = []
    groups = np.unique(probe.group).tolist()
    family = families.name(f"{likeness(probe.title)}_by_group", f"{probe.name}_by_group")
    names = parts(map(str, groups))
    for group in groups:
        rows = np.flatnonzero(probe.group == group)
        if len(rows) >= SMALLEST_GROUP:
            title = f"{probe.title}, group = {group}"
            found.append(
                ForeignProbe(
                    name=f"{family}-{names[str(group)]}",
                    title=title,
                    predictions=probe.predictions.only(rows),
                    ids=probe.ids[rows],
                    clusters=probe.clusters[rows],
                    weights=None if probe.weights is None else probe.weights[rows],
                )
            )
    return found


def _too_small(probe: ForeignProbe) -> list[str]:
    if probe.group is None or probe.pairs is not None:
        return []
    groups, counts = np.unique(probe.group, return_counts=True)
    return [
        f"{probe.title}, group = {group} is left out: {count} examples, and it takes {SMALLEST_GROUP}."
        for group, count in zip(groups.tolist(), counts.tolist(), strict=True)
        if count < SMALLEST_GROUP
    ]


class Kept(NamedTuple):
    """What was written of the probes: their rows, the holdout first, hashes of files, notes."""

    rows: list[ProbeRow]
    files: dict[str, str]
    notes: list[str]


def _listed(probe: ForeignProbe) -> Listed:
    groups = {} if probe.group is None else {"group": probe.group}
    return Listed(probe.predictions.labels, probe.clusters, groups)


def keep_probes(store: Store, foreign: Foreign, counted: str) -> Kept:
    """Write all probes and their strata, one probe at a time.

    Args:
        store: the study folder.
        foreign: what the files hold.
        counted: ``label`` or ``group``, what was counted off by design; empty for nothing.

    Raises:
        UsageError: groups were counted off, but the holdout has none.
    """
    whole: list[ProbeRow] = []
    strata: list[ProbeRow] = []
    files: dict[str, str] = {}
    notes: list[str] = []
    home: Listed | None = None
    families = _Families()
    for probe in foreign.probes:
        own = _listed(probe)
        if home is None and counted == "group" and probe.group is None:
            raise UsageError(
                f"Examples were counted off by group, but '{probe.title}' has no column 'group'. Name the "
                "groups there, or say nothing of counting."
            )
        home = home or own
        of = "" if counted == "group" and probe.group is None else counted
        of = "" if probe.pairs is not None else carried(of, own, home)
        whole.append(_keep_probe(store, probe, _kind(probe, first=not whole), files, of))
        whole[-1] = replace(whole[-1], family=_family(whole[-1], families))
        # Of the examples of one group, classes were not counted off; and it is one stratum alone.
        strata += [
            _keep_probe(store, one, "stratified", files, "") for one in _strata(probe, families)
        ]
        notes += _too_small(probe)
    return Kept([*whole, *strata], files, notes)


def _kind(probe: ForeignProbe, *, first: bool) -> Kind:
    if first:
        return "holdout"
    return "shifted" if probe.pairs is None else "contrastive"


def _keep_probe(
    store: Store, probe: ForeignProbe, kind: Kind, files: dict[str, str], counted: str
) -> ProbeRow:
    family, _, severity = probe.name.partition("-")
    labels = probe.predictions.labels.tolist()
    weights = [] if probe.weights is None else [probe.weights.tolist()]
    pairs = [] if probe.pairs is None else [probe.pairs.pair.tolist(), probe.pairs.side.tolist()]
    row = ProbeRow(
        key=digest([probe.name, probe.ids.tolist(), labels, *weights, *pairs]),
        stress=HOLDOUT if kind == HOLDOUT else "foreign",
        name=_name(probe, kind),
        title=probe.title,
        kind=kind,
        family=HOLDOUT if kind == HOLDOUT else family,
        severity=_severity(severity) if kind in ("shifted", "contrastive") else None,
        n=len(probe.ids),
        may_choose=True,
    )
    columns = {"id": probe.ids.tolist(), "label": labels, "cluster": probe.clusters.tolist()}
    if probe.group is not None:
        columns["group_group"] = probe.group.tolist()
    if probe.weights is not None:
        columns["weight"] = probe.weights.tolist()
    if probe.pairs is not None:
        columns |= {"pair": probe.pairs.pair.tolist(), "side": probe.pairs.side.tolist()}
    examples = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    store.write(layout.probe_examples(row.key), pack_rows(examples, list(columns), counted))
    content = _packed(probe.predictions)
    name = layout.predictions(BLOCK, row.key)
    store.write(name, content)
    files[name.rpartition("/")[2]] = sha256(content)
    return row


def _family(row: ProbeRow, families: _Families) -> str:
    """Return a probe's family without the hash that its name may need."""
    plain = part(row.family) == row.family
    return row.family if plain else families.name(likeness(row.title), row.family)


def _packed(said: Predictions) -> bytes:
    if said.scores is None and said.label_scores is not None:
        kept = {"answer": said.answers, "label_score": said.label_scores}
        return pack_kept(said.variants, [kept])
    return pack_said(said)


def _name(probe: ForeignProbe, kind: Kind) -> str:
    if kind == HOLDOUT:
        return HOLDOUT
    # The yardstick's name is taken, whatever it was called.
    return part(f"{probe.title} ") if probe.name == HOLDOUT else probe.name


def _severity(text: str) -> float | None:
    return float(text) if text.replace(".", "", 1).isdigit() else None
