"""Conformance of a report: call `check_report` on yours and it will fit in."""

import copy
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser

from underspec.core.findings import (
    Arbitrariness,
    Choice,
    Findings,
    Gap,
    Interval,
    Intervals,
    Needs,
    Overdispersion,
    Pool,
    ProbeFinding,
    Ratio,
    Relation,
    Spread,
    StudyFacts,
    VariantCounts,
)
from underspec.core.records import Kind
from underspec.report._protocol import Dossier, Exhibit, Report, VariantRow

__all__ = ["check_report"]

_KINDS: tuple[Kind, ...] = ("holdout", "shifted", "stratified")
_LARGEST = 5_000_000
_HOSTILE = (
    "<script>alert('{0}')</script><img src=x onerror=alert(1)>\"'`>&{{{{7*7}}}}{{% raw %}}[bold]"
    "[x](javascript:alert(1))|\x1b[31m\x00\u202e\r\n--> ]]> {0}"
)
_REACHES = re.compile(
    r"""(?:src|srcset|href|action|poster|data)\s*=\s*["']?\s*(?:\w+:)?//|url\((?!["']?#)|@import""",
    re.I,
)


def check_report(report: Report) -> None:
    """Hold a report to its contract on made-up dossiers: a hostile, a harmless and an empty one.

    Checked: that it returns text that ends in a line break; that the same dossier gives the same
    text and stays as it was; that texts from outside become neither a tag, an attribute nor a
    control sequence; that nothing refers to another file or a network; that an empty study and one
    without a single number are dealt with; and that the text stays under 5 MB.

    Raises:
        AssertionError: in one sentence, what does not hold.
    """
    suffix = report.suffix
    _expect(suffix.isalnum(), report, f"`suffix` is {suffix!r}, but must be like 'html'")
    hostile, harmless = _dossier(_HOSTILE.format), _dossier("{0} of study".format)
    text, calm = report(hostile), report(harmless)
    for dossier in (_empty(), _dossier(str, known=False)):
        _expect(bool(report(dossier)), report, "an empty study gives no text")
    _expect(text.endswith("\n"), report, "the text must end in a line break")
    _expect(len(text.encode()) < _LARGEST, report, "the text is larger than 5 MB")
    before = copy.deepcopy(hostile)
    _expect(report(hostile) == text, report, "the same dossier twice gave different texts")
    _expect(hostile == before, report, "it changed its dossier in place")
    unseen = [c for c in text if ord(c) < 32 and c not in "\n\t"]
    _expect(not unseen, report, f"the control character {unseen[:1]} came through")
    _expect(not re.search(r"https?:", calm), report, "it names an address that no dossier holds")
    if suffix == "json":
        json.loads(text)
        return
    _expect(not _REACHES.search(text), report, "it refers to something outside of the text")
    if suffix == "txt":
        return
    _expect("<script>alert" not in text.lower(), report, "a tag in a text came through unescaped")
    new = _markup(text) - _markup(calm)
    _expect(not new, report, f"texts from outside made markup: {sorted(new)[:3]}")


def _markup(text: str) -> set[str]:
    """Return all tags and attributes that a browser would see."""
    seen: set[str] = set()

    class _Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.update({tag, *(f"{tag} {name}" for name, _ in attrs)})

    reader = _Reader()
    reader.feed(text)
    reader.close()
    return seen


def _empty() -> Dossier:
    counts = VariantCounts(asked=0, trained=0, failed=0, kept=0)
    findings = Findings(
        schema=1,
        intervals=Intervals(0.95, "nothing", "none"),
        study=StudyFacts("empty", "classification", "accuracy", 0.01, None, None, counts),
        pool=Pool((), {}, None),
        probes=(),
    )
    return Dossier(findings=findings, variants=(), scores={})


def _dossier(text: Callable[[str], str], *, known: bool = True) -> Dossier:
    """Return a small dossier whose texts are what `text` makes of their field's name."""
    ids = tuple(text(f"v{at:03d}") for at in range(3))
    probes = tuple(
        _probe(text, at, kind, known) for at, kind in enumerate(_KINDS)
    )  # fmt: skip
    interval, share = _interval(0.5, known), 0.1 if known else None
    findings = Findings(
        schema=1,
        intervals=Intervals(0.95, text("over"), text("method")),
        study=StudyFacts(
            text("study"), "classification", "accuracy", 0.01, 0.05, 0.02, VariantCounts(4, 3, 1, 2)
        ),
        pool=Pool(ids[:2], {ids[2]: text("reason")}, 0.01 if known else None, text("pool note")),
        probes=probes,
        relations=(
            Relation(probes[0].name, probes[1].name, interval, interval, 0.4, 0.4, 0.8, 0.01, 0.02,
                     text("relation note")),
        ),
        arbitrariness=tuple(Arbitrariness(p.name, share, share, share, share, 2) for p in probes),
        choices=(Choice(text("rule"), ids[:1], interval, interval, 10),),
        recommended=text("rule") if known else None,
        notes=(text("note"),),
    )  # fmt: skip
    votes = {text("vote"): 1, text("other vote"): 1}
    return Dossier(
        findings=findings,
        variants=(
            *(VariantRow(one, {text("source"): text("seed")}, "trained", 1.5, None) for one in ids),
            VariantRow(text("v003"), {}, "failed", None, text("error")),
        ),
        scores={p.name: {one: 0.8 + 0.01 * at for at, one in enumerate(ids)} for p in probes},
        exhibits=(
            Exhibit(probes[1].name, text("example"), text("label"), votes, votes, None, b"<svg>"),
        ),
        study={text("key"): [text("value"), {"nested": text("nested")}]},
        environment={"python": text("version")},
        notices=(text("notice"),),
        cost={text("cost"): 1.0, "training seconds": 12.0},
        synthetic=text("synthetic"),
    )


def _probe(text: Callable[[str], str], at: int, kind: Kind, known: bool) -> ProbeFinding:
    value = 0.02 * (at + 1) if known else None
    interval = _interval(0.02 * (at + 1), known)
    return ProbeFinding(
        name=text(f"probe{at}"), title=text("title"), metric="accuracy", kind=kind,
        family=text("family"), severity=None, n=50, clusters=50, mean=interval, drop=interval,
        spread=Spread(value, value, value, value, value, value, value, text("doubtful")),
        gap=Gap(value, value, None, text("form")),
        ratio=Ratio(None, value, None, value, text("denominator")),
        overdispersion=Overdispersion(value, value, value), flips=None,
        drop_verdict="unknown", spread_verdict="yes" if known else "unknown", p=value,
        p_adjusted=value,
        verdict="yardstick" if at == 0 else "underspecified" if known else "undecided",
        other="undecided" if known and at else None, because=text("because"),
        needs=Needs(40 if known else None, None), power=value,
    )  # fmt: skip


def _interval(value: float, known: bool) -> Interval:
    return Interval(value, value / 2, value * 2) if known else Interval(None, None, None)


def _expect(holds: bool, report: Report, sentence: str) -> None:
    if not holds:
        raise AssertionError(f"{report!r}: {sentence}.")
