"""Conformance of a pool rule: call `check_selector` on yours and it will fit in."""

from dataclasses import replace

import numpy as np

from underspec.core.streams import stream
from underspec.select._protocol import Evidence, Selection, Selector

__all__ = ["check_selector"]

_VARIANTS, _EXAMPLES = 24, 4000


def check_selector(selector: Selector) -> None:
    """Hold a pool rule to its contract on a made-up holdout of near-equal and bad variants.

    Checked: that every variant is kept or dropped with a reason of one line; that the same call
    gives the same pool; that the evidence is left as it was; that neither the order of variants nor
    that of examples moves the pool; that a metric turned round (error instead of accuracy) gives
    the same pool; and that no variant and one variant are dealt with.

    Raises:
        AssertionError: in one sentence, what does not hold.
    """
    _expect(selector.epsilon > 0, selector, "`epsilon` must be above 0")
    evidence = _evidence()
    before = evidence.contributions.copy(), evidence.clusters.copy()
    got = selector(evidence)
    _check_selection(selector, evidence, got)
    _expect(
        np.array_equal(before[0], evidence.contributions)
        and np.array_equal(before[1], evidence.clusters),
        selector,
        "it changed its evidence in place",
    )
    _expect(selector(evidence) == got, selector, "the same call twice gave different pools")
    back = np.arange(_VARIANTS)[::-1]
    turned = replace(
        evidence,
        variants=[evidence.variants[at] for at in back],
        contributions=evidence.contributions[back],
    )
    _same(selector, turned, got, "the order of the variants moves the pool")
    order = stream(1, "check_selector", "order").generator().permutation(_EXAMPLES)
    shuffled = replace(
        evidence,
        contributions=evidence.contributions[:, order],
        clusters=evidence.clusters[order],
    )
    _same(selector, shuffled, got, "the order of the examples moves the pool")
    errors = replace(evidence, contributions=1 - evidence.contributions, greater_is_better=False)
    _same(selector, errors, got, "error instead of accuracy gives another pool")
    for few in (0, 1):
        small = replace(
            evidence,
            variants=evidence.variants[:few],
            contributions=evidence.contributions[:few],
        )
        _check_selection(selector, small, selector(small))


def _evidence() -> Evidence:
    """Return accuracies of .9 with small differences, and a few clearly worse variants."""
    draw = stream(1, "check_selector").generator()
    difficulty = draw.random(_EXAMPLES)
    skill = 0.9 + draw.normal(0, 0.003, _VARIANTS)
    skill[-4:] -= 0.1
    # Shared difficulty with a little noise: variants agree on most examples, as real ones do.
    felt = difficulty + draw.normal(0, 0.02, (_VARIANTS, _EXAMPLES))
    return Evidence(
        variants=[f"v{at:03d}" for at in range(_VARIANTS)],
        contributions=(felt < skill[:, None]).astype(np.float64),
        clusters=np.array([f"c{at // 2:04d}" for at in range(_EXAMPLES)]),
    )


def _check_selection(selector: Selector, evidence: Evidence, got: Selection) -> None:
    kept, dropped = list(got.kept), list(got.dropped)
    _expect(
        len(kept) == len(set(kept)) and sorted(kept + dropped) == sorted(evidence.variants),
        selector,
        "each variant must be either kept or dropped, once",
    )
    _expect(
        all(reason.strip() and "\n" not in reason for reason in got.dropped.values()),
        selector,
        "each dropped variant needs a reason of one line",
    )


def _same(selector: Selector, evidence: Evidence, got: Selection, sentence: str) -> None:
    _expect(set(selector(evidence).kept) == set(got.kept), selector, sentence)


def _expect(holds: bool, selector: Selector, sentence: str) -> None:
    if not holds:
        raise AssertionError(f"{selector!r}: {sentence}.")
