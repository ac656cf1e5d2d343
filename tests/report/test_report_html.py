"""The HTML report: its policy, its parts, its pictures."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.report.dossiers import picture, realistic, without
from tests.report.pathologies import big, no_stress
from underspec import report

HTML = report.get("html")


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.ids, self.links = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.append((tag, name, value))
            if name == "id":
                self.ids.append(value)
            if name == "href":
                self.links.append(value)


@pytest.fixture(scope="module")
def page(dossier):
    return HTML(dossier)


@pytest.fixture(scope="module")
def read(page):
    reader = _Reader()
    reader.feed(page)
    return reader


def _digest(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_policy_allows_only_its_own(page):
    """The policy lets in the page's own style and script, by hash, and inline pictures."""
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    style, script = (
        re.search(f"<{t}>(.*?)</{t}>", page, re.DOTALL)[1] for t in ("style", "script")
    )

    assert policy == (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_nothing_needs_more_than_the_policy(read):
    """No inline style or handler, one script, no link out of the page."""
    assert read.tags.count("script") == read.tags.count("style") == 1
    assert not {"iframe", "object", "embed", "link", "base", "form"} & set(read.tags)
    assert not [a for a in read.attributes if a[1] == "style" or a[1].startswith("on")]
    sources = [value for _, name, value in read.attributes if name in ("src", "srcset", "poster")]
    assert sources
    assert all(value.startswith("data:image/png;base64,") for value in sources)


def test_links_lead_somewhere(read):
    """Each id is unique, and each link leads to one."""
    assert len(read.ids) == len(set(read.ids))
    assert {link.removeprefix("#") for link in read.links} <= set(read.ids)


def test_parts_come_in_order(read):
    """The answer first, then verdicts, pictures, examples, choice, pool, record, words."""
    parts = [one for one in read.ids if one in _PARTS]

    assert parts == _PARTS


_PARTS = [
    "answer", "verdicts", "variants", "relations", "spread", "examples", "arbitrariness",
    "choice", "pool", "record", "words",
]  # fmt: skip


def test_every_verdict_has_word_and_icon(page):
    """A verdict never hangs on its colour alone."""
    badges = re.findall(
        r'<span class="badge tone-(\w+)"><svg[^>]*><use href="#i-(\w+)"/></svg>(\w+)', page
    )
    verdicts = [badge for badge in badges if badge[2] != "recommended"]

    assert len(verdicts) == 41
    assert all(tone == icon == word for tone, icon, word in verdicts)


def test_maxima_carry_k(page, dossier):
    """K stands beside every ambiguity and discrepancy."""
    kept = len(dossier.findings.pool.kept)

    for name in ("ambiguity", "discrepancy"):
        cells = re.findall(rf'data-name="{name}">([^/]*)</span>', page)
        assert len(cells) == 41
        assert all(f"(k = {kept})" in cell for cell in cells)


def test_every_trained_variant_is_a_line(page, dossier):
    """A line a trained variant, styled by its fate; a dozen axes at most, the holdout first."""
    lines = re.findall(r'<g class="v (\w+)"', page)
    pool = dossier.findings.pool

    assert len(lines) == dossier.findings.study.variants.trained
    assert lines.count("dropped") == len(pool.dropped)
    assert lines.count("picked") == 1
    assert page.count('class="axis"') == 9


def test_line_stands_where_the_formula_says(dossier):
    """A line's height is (score − mean) / SD of the holdout, over trained variants."""
    from statistics import fmean, stdev

    from underspec.report.html.lines import lines
    from underspec.report.shown import shown

    drawn = lines(dossier, shown(dossier.findings))
    yard, far = dossier.scores["holdout"], dossier.scores["contrast-5"]
    ticks = {text: y for y, text in drawn.ticks}
    one = next(line for line in drawn.lines if line.id == "v004")
    z = (far["v004"] - fmean(far.values())) / stdev(yard.values())
    height = float(one.points.split()[1].split(",")[1])
    scale = (ticks["0"] - ticks["+20"]) / 20

    assert height == pytest.approx(ticks["0"] - z * scale, abs=0.3)


def test_many_variants_stay_light():
    """Two hundred lines are drawn thinner; the picture has twelve axes at most."""
    text = HTML(big())

    assert 'class="dense"' in text
    assert text.count('class="axis"') <= 12
    assert len(text) < 1_500_000


def test_noisy_relations_are_hatched(page, dossier):
    """A relation that is too noisy is hatched and says so; others carry value and interval."""
    null = sum(r.pearson.value is None for r in dossier.findings.relations)

    assert len(re.findall(r'<rect class="cell noisy"', page)) == null
    assert re.search(
        r'class="cell pos"[^>]*><title>[^<]*: −?\d\.\d\d \(−?\d\.\d\d to \d\.\d\d\)', page
    )


def test_pictures_stop_at_the_budget(dossier):
    """Pictures over the budget are left out, and the page says how many."""
    size = 4 * (len(picture(0)) + len(picture(0, faint=True))) // 3 + 100
    text = report.get("html", pictures=2 * size)(dossier)
    none = report.get("html", pictures=0)(dossier)

    assert 0 < text.count("data:image/png") <= 4
    assert "32 pictures were left out" in none
    assert "data:image" not in none.split("</style>")[1]


def test_only_png_becomes_a_picture(dossier):
    """Bytes that are no PNG, such as an SVG with a script, are not shown."""
    bad = replace(dossier.exhibits[0], png=b"<svg onload=alert(1)>", clean_png=None)
    text = HTML(replace(dossier, exhibits=(bad,)))

    assert "<img" not in text
    assert "PHN2Zy" not in text


def test_many_probes_are_cut_with_a_word():
    """Beyond 500 probes the table says how many are elsewhere."""
    whole = no_stress()
    probe = realistic(variants=3).findings.probes[1]
    many = tuple(replace(probe, name=f"shift-{at}", title=f"shift {at}") for at in range(700))
    text = HTML(without(whole, probes=(*whole.findings.probes, *many)))

    assert "201 more probes are in findings.json" in text
    assert len(text) < 5_000_000


@pytest.mark.parametrize("name", ["html", "markdown", "text"])
def test_further_metrics_have_their_own_tables(name, dossier):
    """Each further metric has one table under its own name and units, apart from the verdicts."""
    first = dossier.findings.probes
    more = [
        replace(p, metric=metric, verdict="reported")
        for metric in ("auc", "sensitivity specificity=0.8")
        for p in first[:3]
    ]
    text = report.get(name)(without(dossier, probes=(*first, *more)))
    plain = text.replace("\\", "").replace("&#39;", "'")

    assert "9 of 40 stress tests" in text
    for said in (
        "AUC",
        "Sensitivity (specificity=0.8)",
        "rop and gap in units of AUC",
        "rop and gap in points",
    ):
        assert said in plain
    if name == "html":
        assert text.count('<details class="metric">') == 2
        assert len(re.findall(r'<tbody class="item"', text)) == 41
        assert len(re.findall(r'<a class="tone-', text)) == 40
        assert text.count('data-name="AUC"') == 3


def test_notes_and_ranges_stand_where_they_are_looked_for(page, dossier):
    """Notes are on the first screen; what ranges are over is told under how to read this."""
    answer = page[page.index('id="answer"') : page.index('id="verdicts"')]
    words = page[page.index('id="words"') :]

    assert dossier.findings.notes[0] in answer
    assert "chi-square" not in answer
    assert "Ranges are at 95 %, over variants and examples (chi-square" in words


def test_pictures_wider_than_a_phone_say_so(page):
    """Before each picture that keeps its width stands a hint."""
    fixed = page.count('class="card chart fixed"')

    assert fixed >= 2
    assert (
        len(re.findall(r'<p class="hint[^\n]*\n\s*<figure class="card chart fixed"', page)) == fixed
    )
