"""Probes of a study: which there are, and their examples again where a model meets them."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from underspec.core.errors import StudyError, UsageError
from underspec.core.lazy import Lazy
from underspec.core.records import Data, Kind, Probe
from underspec.core.store import Store
from underspec.core.streams import stream
from underspec.data.checksum import checksum
from underspec.stress._protocol import Fed, Noted, Ready, Stress
from underspec.study import layout
from underspec.study.canonical import code_digest, digest, plain
from underspec.study.counted import carried, listed
from underspec.study.leaks import Watch
from underspec.study.tables import pack_examples, unpack_examples

__all__ = ["HOLDOUT", "ProbeCache", "ProbeRow", "enumerate_probes", "make_probes"]

HOLDOUT = "holdout"


@dataclass(frozen=True)
class ProbeRow:
    """What a study knows of a probe without its inputs.

    Attributes:
        key: hash of its name and content; names its files.
        stress: hash of the stress test that makes it; ``holdout`` for the holdout.
        suite: the published set that it is a part of, empty where there is none.
        reads: whether the model's classes are read as others, so that no whole scores are kept.
    """

    key: str
    stress: str
    name: str
    title: str
    kind: Kind
    family: str
    severity: float | None
    n: int
    may_choose: bool
    suite: str = ""
    reads: bool = False


def _row(probe: Probe, stress: str) -> ProbeRow:
    parts = [probe.name, checksum(probe.data)]
    if isinstance(probe.data.inputs, Lazy):
        # Their digest sees neither the code that makes them, which the key of a stress test does,
        # nor what that code really makes, of which some examples tell.
        parts += [stress, _some(probe.data.inputs)]
    if probe.answers is not None:
        parts.append(digest([probe.answers.codes.tolist(), probe.answers.restricted]))
    if probe.pairs is not None:
        parts.append(digest([probe.pairs.pair.tolist(), probe.pairs.side.tolist()]))
    return ProbeRow(
        key=digest(parts),
        stress=stress,
        name=probe.name,
        title=probe.title or probe.name,
        kind=probe.kind,
        family=probe.family,
        severity=probe.severity,
        n=len(probe.data),
        may_choose=probe.may_choose,
        suite=probe.suite,
        reads=probe.answers is not None,
    )


def _some(inputs: Lazy) -> str:
    n = len(inputs)
    rows = np.unique(np.array([0, n // 3, n // 2, n - 1] if n else [], dtype=np.intp))
    return hashlib.sha256(np.ascontiguousarray(np.asarray(inputs[rows])).tobytes()).hexdigest()


def stress_key(member: Stress, holdout: str, root_seed: int) -> str:
    """Return the hash of everything that decides a stress test's probes."""
    parts = [plain(member), code_digest(member), holdout, root_seed]
    if isinstance(member, Fed):
        parts.append(member.fingerprint())
    return digest(parts)


def make_probes(member: Stress, data: Data, root_seed: int) -> Iterator[Probe]:
    """Yield a stress test's probes of the holdout."""
    # One stream for all stress tests, so that all distortions of a set use the same images.
    yield from member(data, stream(root_seed, "stress"))


def enumerate_probes(
    store: Store,
    stress: Sequence[Stress],
    data: Data,
    holdout: str,
    root_seed: int,
    watch: Watch | None = None,
    keys: Sequence[str] | None = None,
) -> tuple[list[ProbeRow], list[str]]:
    """Return the rows of all probes, the holdout first, and notes; new ones are written down.

    Args:
        store: the study folder.
        stress: the stress tests.
        data: the holdout's examples.
        holdout: their checksum.
        root_seed: root of all randomness.
        watch: looks for examples of probes that are known from elsewhere.
        keys: of the stress tests, where they were taken before.

    Raises:
        UsageError: two probes have one name.
    """
    yardstick = Probe(HOLDOUT, "holdout", HOLDOUT, data, title="holdout")
    rows = [_row(yardstick, HOLDOUT)]
    name = layout.probe_examples(rows[0].key)
    # What was counted off may be said later, and is no part of the key: nothing is trained by it.
    if not store.exists(name):
        store.write(name, pack_examples(data))
    elif unpack_examples(store.read(name), name).counted != data.counted:
        store.remove(layout.FINDINGS)
        store.remove("report.html")
        store.write(name, pack_examples(data))
    notes: list[str] = []
    for member in stress:
        if isinstance(member, Ready):
            member.ready()
    seen = {HOLDOUT}
    if keys is None:
        keys = [stress_key(member, holdout, root_seed) for member in stress]
    for member, key in zip(stress, keys, strict=True):
        if not store.exists(layout.stress_index(key)):
            _write_index(store, member, data, key, root_seed, watch)
        index = _read_index(store, key)
        watched = watch is None or index.get("watched", watch.key) == watch.key
        if not watched or index.get("counted", "") != data.counted:
            # The training set is another one now, or more is known of the holdout.
            _write_index(store, member, data, key, root_seed, watch)
            index = _read_index(store, key)
        for found in index["probes"]:
            row = ProbeRow(**found)
            if row.name in seen:
                raise UsageError(
                    f"Two probes are named '{row.name}'. Give each stress test once, with all its "
                    "severities."
                )
            seen.add(row.name)
            rows.append(row)
        notes.extend(index["notes"])
    return rows, notes


def _read_index(store: Store, key: str) -> dict[str, Any]:
    name = layout.stress_index(key)
    try:
        index: dict[str, Any] = json.loads(store.read(name))
    except ValueError:
        raise StudyError(
            f"{name} is damaged. Run the study with --verify to make it again."
        ) from None
    return index


def _write_index(
    store: Store, member: Stress, data: Data, key: str, root_seed: int, watch: Watch | None
) -> None:
    rows = []
    leaks: list[str] = []
    for probe in make_probes(member, data, root_seed):
        row = _row(probe, key)
        counted = carried(probe.data.counted, listed(probe.data), listed(data))
        store.write(
            layout.probe_examples(row.key),
            pack_examples(replace(probe.data, counted=counted), probe.pairs),
        )
        rows.append(asdict(row))
        leaks += [] if watch is None else watch.probe(probe)
    skipped = getattr(member, "skipped", None)
    left_out = skipped(data) if callable(skipped) else {}
    notes = [
        f"{name} has {count} examples, too few to be a probe of {type(member).__name__}."
        for name, count in left_out.items()
    ]
    if isinstance(member, Noted):
        notes.extend(member.notes(data))
    index = {"stress": plain(member), "probes": rows, "notes": [*notes, *leaks]}
    if watch is not None:
        index["watched"] = watch.key
    if data.counted:
        index["counted"] = data.counted
    store.write(layout.stress_index(key), json.dumps(index, indent=1).encode())


class ProbeCache:
    """Probes kept in a worker between blocks, up to so many bytes; larger sets are made again.

    Args:
        limit: bytes of inputs kept at most.
    """

    def __init__(self, limit: int = 512 << 20) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, list[Probe]] = OrderedDict()
        self._bytes = 0

    def probes(
        self, member: Stress, data: Data, key: str, root_seed: int, expected: dict[str, str]
    ) -> Iterator[Probe]:
        """Yield a stress test's probes, checked against what the driver saw.

        Args:
            member: the stress test.
            data: the holdout.
            key: the stress test's key.
            root_seed: root of all randomness.
            expected: probe name to its key.

        Raises:
            StudyError: this process makes other examples than the driver did.
        """
        if key in self._kept:
            for probe in self._kept[key]:
                if isinstance(probe.data.inputs, Lazy):
                    self._check(probe, key, expected)
                yield probe
            return
        made: list[Probe] = []
        size = 0
        for probe in make_probes(member, data, root_seed):
            self._check(probe, key, expected)
            size += _size(probe.data.inputs)
            if self._bytes + size <= self._limit:
                made.append(probe)
            yield probe
        if self._bytes + size <= self._limit:
            self._kept[key] = made
            self._bytes += size

    def _check(self, probe: Probe, key: str, expected: dict[str, str]) -> None:
        if probe.name in expected and _row(probe, key).key != expected[probe.name]:
            raise StudyError(
                f"The probe '{probe.name}' came out differently here than when the study began. "
                "Its stress test must draw randomness from its key alone, and the files that it "
                "reads must stay as they are; run the same command again if they were changed."
            )


def _size(inputs: Any) -> int:
    if isinstance(inputs, Lazy):
        return 0
    size = getattr(inputs, "nbytes", None)
    return int(size) if isinstance(size, int) else 1 << 40
