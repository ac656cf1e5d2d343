"""Conformance of a choice rule: call `check_chooser` on yours and it will fit in."""

from dataclasses import replace

import numpy as np

from underspec.choose._protocol import Ballot, Chooser, Particular, matching
from underspec.core.streams import stream

__all__ = ["check_chooser"]

_VARIANTS = 9
_NAMES = ("holdout", "contrast-1", "contrast-3", "fog-1", "fog-3")
_PROBES = len(_NAMES)


def check_chooser(chooser: Chooser) -> None:
    """Hold a choice rule to its contract on made-up ballots, one of them all ties.

    Checked: that it returns ids of the ballot, at least one and none twice; that the same call
    gives the same ids; that the ballot is left as it was; that neither the order of the variants
    nor that of the stress probes moves the pick; and that a ballot of one variant, or of the
    holdout alone, is dealt with. The probes are called holdout, contrast-1, contrast-3, fog-1 and
    fog-3: a rule that looks at some only must look at one of these. Where a rule says `together`,
    it must be true.

    Raises:
        AssertionError: in one sentence, what does not hold.
    """
    if isinstance(chooser, Particular):
        _expect(
            bool(matching(chooser.probe, _NAMES)),
            chooser,
            f"it looks at none of the probes {', '.join(_NAMES)}; check it with one of these",
        )
    said = getattr(chooser, "together", True)
    _expect(said is True, chooser, f"`together` must be True, or not be there, but is {said!r}")
    ballot = _ballot()
    level = replace(
        ballot, merit=np.zeros_like(ballot.merit), disagreement=np.zeros((_VARIANTS, _VARIANTS))
    )
    for each in (ballot, level):
        before = each.merit.copy(), each.disagreement.copy()
        got = _pick(chooser, each)
        _expect(
            np.array_equal(before[0], each.merit) and np.array_equal(before[1], each.disagreement),
            chooser,
            "it changed its ballot in place",
        )
        _expect(_pick(chooser, each) == got, chooser, "the same call twice gave different picks")
        back = np.arange(_VARIANTS)[::-1]
        turned = replace(
            each,
            variants=[each.variants[at] for at in back],
            merit=each.merit[back],
            disagreement=each.disagreement[np.ix_(back, back)],
        )
        _expect(
            set(_pick(chooser, turned)) == set(got),
            chooser,
            "the order of the variants moves the pick",
        )
        turn = [0, *range(_PROBES - 1, 0, -1)]
        probes = replace(each, merit=each.merit[:, turn], names=[_NAMES[at] for at in turn])
        _expect(
            set(_pick(chooser, probes)) == set(got),
            chooser,
            "the order of the stress probes moves the pick",
        )
    if not isinstance(chooser, Particular) or matching(chooser.probe, _NAMES[:1]):
        _pick(chooser, replace(ballot, merit=ballot.merit[:, :1], names=_NAMES[:1]))
    one = replace(
        ballot,
        variants=ballot.variants[:1],
        merit=ballot.merit[:1],
        disagreement=ballot.disagreement[:1, :1],
    )
    _pick(chooser, one)


def _ballot() -> Ballot:
    key = stream(1, "check_chooser")
    draw = key.generator()
    apart = draw.uniform(0.05, 0.2, (_VARIANTS, _VARIANTS))
    return Ballot(
        variants=tuple(f"v{at:03d}" for at in range(_VARIANTS)),
        merit=draw.uniform(0.6, 0.9, (_VARIANTS, _PROBES)),
        disagreement=(apart + apart.T) * (1 - np.eye(_VARIANTS)),
        key=key.child("rule"),
        names=_NAMES,
    )


def _pick(chooser: Chooser, ballot: Ballot) -> tuple[str, ...]:
    got = chooser(ballot)
    _expect(
        type(got) is tuple and len(got) > 0 and len(set(got)) == len(got),
        chooser,
        f"it must return a tuple of ids, at least one and none twice, but returned {got!r}",
    )
    _expect(
        set(got) <= set(ballot.variants), chooser, f"it returned an id not on the ballot: {got!r}"
    )
    return got


def _expect(holds: bool, chooser: Chooser, sentence: str) -> None:
    if not holds:
        raise AssertionError(f"{chooser!r}: {sentence}.")
