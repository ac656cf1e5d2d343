"""The report as text, on a terminal and as Markdown."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from tests.report.dossiers import realistic, without
from underspec import report
from underspec.report.text import terminal


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_text_keeps_its_width(dossier, width):
    """No line is wider than asked for, and none ends in blanks."""
    lines = report.get("text", width=width)(dossier).splitlines()

    assert max(map(len, lines)) <= width
    assert not [line for line in lines if line != line.rstrip()]


def test_text_has_a_row_a_probe(dossier):
    """Each probe has its row with verdict, level and gap; an open axis carries a question mark."""
    lines = report.get("text")(dossier).splitlines()
    row = next(line for line in lines if line.startswith("contrast, severity 5"))

    assert row.split()[3:] == ["both", "57.1", "%", "34.0", "6.5", "(5.0", "to", "8.1)", "16×"]
    assert sum(" structural; spread? " in line for line in lines) == 5


def test_text_is_plain_and_terminal_is_coloured(dossier):
    """The member writes no control codes; a colour terminal gets the same words in colour."""
    paper = io.StringIO()
    terminal(dossier, Console(file=paper, force_terminal=True, width=100, color_system="standard",
                              _environ={}))  # fmt: skip

    assert "\x1b" not in report.get("text")(dossier)
    assert "\x1b[1;33m" in paper.getvalue()


def test_console_markup_is_not_read(dossier):
    """What looks like a console's markup is printed as it is."""
    odd = without(dossier, notes=("[red]not red[/red] :smile:",))

    assert "[red]not red[/red] :smile:" in report.get("text")(odd)


def _titled(text):
    whole = realistic(variants=12, severities=(5.0,), exhibits=0)
    return without(whole, probes=tuple(replace(p, title=text) for p in whole.findings.probes))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a|b", r"a\|b"),
        ("*bold* _it_", r"\*bold\* \_it\_"),
        ("[x](javascript:y)", r"\[x\](javascript:y)"),
        ("<b>&amp;", "&lt;b\\>&amp;amp;"),
        ("@team #12", "@\u2060team #\u206012"),
        ("https://example.org www.example.org", "https:\u2060//example.org www\u2060.example.org"),
        ("two\nlines", "two lines"),
        ("`code`", r"\`code\`"),
    ],
)
def test_markdown_shows_text_as_it_is(text, written):
    """Titles become no markup, no mention, no link, and stay in their cell."""
    got = report.get("markdown")(_titled(text))

    assert f"| {written} |" in got


def test_markdown_folds_and_cuts(dossier):
    """The gravest probes come first, others are folded, and very many are cut with a word."""
    got = report.get("markdown", rows=3, most=10)(dossier)
    head, folded = got.split("<details>")

    assert head.count("| ≠↓ both |") == 3
    assert "<summary>7 more probes</summary>" in folded
    assert "30 more probes are in findings.json." in got
    assert len(report.get("markdown")(dossier)) < 65_536


def test_markdown_tables_are_whole(dossier):
    """Every row of a table has as many cells as its head."""
    blocks = [b for b in report.get("markdown")(dossier).split("\n\n") if b.startswith("| ")]

    assert len(blocks) == 4
    for block in blocks:
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in block.splitlines()}) == 1
