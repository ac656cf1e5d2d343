"""Conformance of a stress test: call `check_stress` on yours and it will fit in."""

import math
import random
from collections.abc import Iterable
from dataclasses import replace
from typing import get_args

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy
from underspec.core.names import NAME
from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream, stream
from underspec.data.arrays import of
from underspec.data.checksum import checksum
from underspec.stress._protocol import Graded, Stress

__all__ = ["check_stress", "sample_images"]

# Distances are averages over few examples, so that equal severities may come out a little apart.
_SLACK = 0.95


def sample_images(examples: int = 120, side: int = 28, channels: int = 1) -> Data:
    """Return made-up smooth patterns, uint8 [examples, side, side, channels], of three classes.

    Two examples make a cluster; the group ``site`` has three values of unequal size.
    """
    draw = stream(1, "sample_images", examples, side, channels).generator()
    # Five plane waves each, of up to six periods across the picture.
    waves = draw.uniform(-6, 6, (5, 2, examples, 1, 1, channels)) * 2 * np.pi / side
    phase = draw.uniform(0, 2 * np.pi, (5, examples, 1, 1, channels))
    y, x = np.arange(side)[:, None, None], np.arange(side)[None, :, None]
    images = np.sin(waves[:, 0] * y + waves[:, 1] * x + phase).sum(axis=0) * 50 + 128
    rows = np.arange(examples)
    return of(
        np.clip(images, 0, 255).astype(np.uint8),
        rows % 3,
        clusters=[f"pair-{row // 2:03d}" for row in rows],
        groups={"site": np.where(rows % 2 == 0, "north", np.where(rows % 4 == 1, "south", "west"))},
    )


def check_stress(test: Stress, data: Data | None = None, *, external: bool = False) -> None:
    """Hold a stress test to its contract.

    Checked: that it yields at least one probe, with valid and distinct names, its own kind and a
    finite severity; that ids, labels, clusters, groups and classes are those of the source; that the
    data and the global generators of `random` and NumPy are left as they were; that the same call
    gives the same probes in the same order, also when two are read in turns; that probes stay as
    they were when the next is made; that what an example becomes depends on nothing but the example,
    whatever the order, subset or batch; and, of one that is `Graded` and says so, that a higher
    severity moves the inputs no less far. Where a probe has classes of its own, its labels are those
    that its `answers` give the source's. Of a contrastive one, that the references are the source's
    examples unchanged, that each edit has what its reference has but for input and id, and that an
    edit, too, depends on nothing but its example.

    Args:
        test: the stress test.
        data: examples that suit it; `sample_images` where None.
        external: whether probes may hold examples that are not the data's, as a published set does.
            Such a probe shares no id with the data, has the data's classes or says how they are
            read, inputs of the same shape and type, and is the same whatever examples of the data
            it is made for; all else holds for it too.

    Raises:
        AssertionError: in one sentence, what does not hold.
    """
    data = sample_images() if data is None else data
    first = _check_run(test, data)
    for probe in first:
        _check_probe(test, probe, data, external)
    names = [probe.name for probe in first]
    _expect(len(set(names)) == len(names), test, f"two probes have one name, in {names}")
    _check_repeats(test, data, first)
    _check_invariance(test, data, first)
    if isinstance(test, Graded) and test.graded:
        _check_graded(test, data, first)


def _key() -> Stream:
    return stream(7, "check_stress")


def _check_run(test: Stress, data: Data) -> list[Probe]:
    before = checksum(data)
    # The legacy state is read here to see that nobody else draws from it.
    ours = random.getstate(), str(np.random.get_state(legacy=False))  # noqa: NPY002
    probes, sums = [], []
    for probe in test(data, _key()):
        probes.append(probe)
        sums.append(checksum(probe.data))
    after = random.getstate(), str(np.random.get_state(legacy=False))  # noqa: NPY002
    _expect(len(probes) > 0, test, "it yields no probe; pass data that suits it")
    _expect(checksum(data) == before, test, "it changes its input in place")
    _expect(ours == after, test, "it draws from a global generator, not from its key alone")
    _expect(
        sums == [checksum(probe.data) for probe in probes],
        test,
        "an earlier probe changed when a later one was made: yield a new array each time",
    )
    return probes


def _check_probe(test: Stress, probe: Probe, data: Data, external: bool) -> None:
    name = probe.name
    _expect(
        bool(NAME.fullmatch(name)),
        test,
        f"the probe name '{name}' is not of the form [a-z0-9_]+(-gen)?(-[a-z0-9_.]+)?",
    )
    kinds = [kind for kind in get_args(Kind) if kind != "holdout"]
    _expect(probe.kind in kinds, test, f"'{name}' is of kind '{probe.kind}', not one of {kinds}")
    _expect(
        probe.kind == test.kind, test, f"'{name}' is '{probe.kind}', but the test '{test.kind}'"
    )
    severity = probe.severity
    _expect(
        severity is None or math.isfinite(severity), test, f"'{name}' has the severity {severity}"
    )
    _expect(len(probe.data) > 0, test, f"'{name}' has no examples")
    _check_answers(test, probe, data)
    if probe.kind == "contrastive":
        _check_pairs(test, probe, data, external)
    else:
        _check_source(test, probe, data, external)


def _check_source(test: Stress, probe: Probe, data: Data, external: bool) -> None:
    """Hold a probe's examples to those of the data with the same ids."""
    name = probe.name
    place = {str(identity): row for row, identity in enumerate(data.ids)}
    strangers = [identity for identity in probe.data.ids if str(identity) not in place]
    if external and len(strangers) == len(probe.data):
        _check_external(test, probe, data)
        return
    _expect(not strangers, test, f"'{name}' has ids that the data lacks, such as {strangers[:1]}")
    source = data.take(np.asarray([place[str(identity)] for identity in probe.data.ids]))
    if probe.answers is not None:
        codes = np.asarray(probe.answers.codes, dtype=np.int32)[source.labels]
        source = replace(source, labels=codes, classes=probe.data.classes)
    _expect(
        checksum(source.with_inputs(probe.data.inputs)) == checksum(probe.data)
        and source.classes == probe.data.classes,
        test,
        f"labels, clusters, groups or classes of '{name}' are not those of its ids",
    )


def _check_pairs(test: Stress, probe: Probe, data: Data, external: bool) -> None:
    """Hold a contrastive probe to references as they are, beside edits that differ in their inputs."""
    assert probe.pairs is not None  # noqa: S101 - probes of this kind have them
    name, (references, edits) = probe.name, _sides(probe)
    _check_source(test, replace(probe, kind="shifted", pairs=None, data=references), data, external)
    place = {str(identity): row for row, identity in enumerate(data.ids)}
    at = [place[str(identity)] for identity in references.ids if str(identity) in place]
    if at:
        _expect(
            checksum(replace(references, inputs=data.take(np.asarray(at)).inputs))
            == checksum(references),
            test,
            f"the references of '{name}' are not the examples of the data as they are",
        )
    theirs = [identity for identity in edits.ids if str(identity) in place]
    _expect(not theirs, test, f"edits of '{name}' have ids of the data's, such as {theirs[:1]}")
    _expect(
        checksum(replace(edits, inputs=references.inputs, ids=references.ids))
        == checksum(references),
        test,
        f"edits of '{name}' have other labels, clusters, groups or weights than their references",
    )


def _sides(probe: Probe) -> tuple[Data, Data]:
    """Return references and edits, in the order of the references."""
    assert probe.pairs is not None  # noqa: S101 - asked of contrastive probes
    order = np.lexsort((probe.pairs.pair, probe.pairs.side))
    half = len(order) // 2
    return probe.data.take(order[:half]), probe.data.take(order[half:])


def _check_answers(test: Stress, probe: Probe, data: Data) -> None:
    """Hold a probe that has other classes than the data to a map that says how they are read."""
    answers, name = probe.answers, probe.name
    if answers is None:
        return
    codes = np.asarray(answers.codes)
    known, own = len(data.classes), len(probe.data.classes)
    _expect(
        codes.ndim == 1 and codes.dtype == np.int32 and known in (0, len(codes)),
        test,
        f"the answers of '{name}' are mapped by {codes.dtype} {list(codes.shape)}, not by an int32 for "
        f"each of the data's {known} classes",
    )
    labels = np.unique(probe.data.labels)
    _expect(
        own > 0 and codes.min() >= -1 and codes.max() < own and bool(np.isin(labels, codes).all()),
        test,
        f"the answers of '{name}' are not mapped to its own {own} classes, or no answer to one of its "
        "labels would be right",
    )


def _check_external(test: Stress, probe: Probe, data: Data) -> None:
    """Hold a probe with examples of its own to what a model of the data's classes can be asked."""
    name, held = probe.name, probe.data
    _expect(
        probe.answers is not None or held.classes == data.classes,
        test,
        f"'{name}' has examples of its own with other classes than the data, and no `answers`",
    )
    many = len(held.classes)
    fits = not many or (held.labels.min() >= 0 and held.labels.max() < many)
    _expect(fits, test, f"'{name}' has labels that are none of its {many} classes")
    one = np.asarray(held.inputs[:1]) if isinstance(held.inputs, np.ndarray | Lazy) else None
    if one is None or not isinstance(data.inputs, np.ndarray | Lazy):
        return
    _expect(
        one.shape[1:] == data.inputs.shape[1:] and one.dtype == data.inputs.dtype,
        test,
        f"an input of '{name}' is {one.dtype} {list(one.shape[1:])}, but one of the data "
        f"{data.inputs.dtype} {list(data.inputs.shape[1:])}",
    )


def _check_repeats(test: Stress, data: Data, first: list[Probe]) -> None:
    turns = zip(test(data, _key()), test(data, _key()), strict=True)
    for probe, (one, other) in zip(first, turns, strict=True):
        same = [probe.name] * 2 == [one.name, other.name]
        _expect(same, test, "the same call yields other probes, or in another order")
        sums = {(checksum(made.data), _paired(made)) for made in (probe, one, other)}
        _expect(len(sums) == 1, test, f"'{probe.name}' differs between two calls with the same key")


def _paired(probe: Probe) -> str:
    if probe.pairs is None:
        return ""
    return repr((probe.pairs.pair.tolist(), probe.pairs.side.tolist()))


def _check_invariance(test: Stress, data: Data, first: list[Probe]) -> None:
    rows = np.arange(len(data))
    turned = _made(test, data.take(rows[::-1]))
    _expect(
        set(turned) == {probe.name for probe in first},
        test,
        "other probes come out when the examples are put in another order",
    )
    for probe in first:
        _expect(
            set(turned[probe.name].data.ids) == set(probe.data.ids),
            test,
            f"'{probe.name}' has other examples when these are put in another order",
        )
    subsets = [
        turned,
        *(_tried(test, data.take(some)) for some in (rows[::2], rows[:1], rows[-2:-1])),
    ]
    known = {str(identity) for identity in data.ids}
    for made in subsets:
        for probe in first:
            if probe.name in made and known.isdisjoint(map(str, probe.data.ids)):
                _expect(
                    checksum(probe.data) == checksum(made[probe.name].data),
                    test,
                    f"'{probe.name}' has examples of its own, but others for other examples of the data",
                )
            elif probe.name in made:
                _expect(
                    _agree(probe.data, made[probe.name].data),
                    test,
                    f"examples of '{probe.name}' depend on the order, number or batch of the others: "
                    f"draw from key.child(...).example(id)",
                )


def _check_graded(test: Stress, data: Data, probes: Iterable[Probe]) -> None:
    place = {str(identity): row for row, identity in enumerate(data.ids)}
    ladder = sorted((p for p in probes if p.severity is not None), key=lambda p: p.severity or 0.0)
    far = [0.0]
    for probe in ladder:
        known, made = _sides(probe) if probe.pairs is not None else (probe.data, probe.data)
        source = data.inputs[np.asarray([place[str(identity)] for identity in known.ids])]
        moved = np.abs(made.inputs.astype(np.float64) - source)
        far.append(float(moved.mean()))
        _expect(
            far[-1] > 0 and far[-1] >= _SLACK * far[-2],
            test,
            f"it says a higher severity moves inputs further, but '{probe.name}' moves them by "
            f"{far[-1]:.3g} after {far[-2]:.3g}",
        )


def _made(test: Stress, data: Data) -> dict[str, Probe]:
    return {probe.name: probe for probe in test(data, _key())}


def _tried(test: Stress, data: Data) -> dict[str, Probe]:
    try:
        return _made(test, data)
    except UsageError:
        return {}  # a stress test may say that so few examples do not suit it


def _agree(a: Data, b: Data) -> bool:
    places = [{str(identity): row for row, identity in enumerate(d.ids)} for d in (a, b)]
    both = sorted(places[0].keys() & places[1].keys())
    parts = [
        d.take(np.asarray([place[identity] for identity in both], dtype=np.intp))
        for d, place in zip((a, b), places, strict=True)
    ]
    return checksum(parts[0]) == checksum(parts[1])


def _expect(holds: bool, test: Stress, sentence: str) -> None:
    if not holds:
        raise AssertionError(f"{test!r}: {sentence}.")
