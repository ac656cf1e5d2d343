"""Colours of the page: legible by WCAG AA, in both themes."""

import re

import pytest

from tests.report.pathologies import empty
from underspec import report

VERDICTS = ("underspecified", "both", "structural", "clean", "undecided", "yardstick")


def _theme(name):
    page = report.get("html")(empty())
    block = re.search(rf':root\[data-theme="{name}"\] {{([^}}]*)}}', page)[1]
    return dict(re.findall(r"--([\w-]+): (#\w{6})", block))


def _luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one, other):
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_legible(theme):
    """All text has a contrast of 4.5 to 1 with what it stands on."""
    colours = _theme(theme)
    pairs = [(text, on) for text in ("ink", "soft") for on in ("paper", "card", "sunk")]
    pairs += [
        ("accent", "paper"),
        ("accent", "card"),
        ("ink", "accent-soft"),
        ("note", "note-soft"),
    ]
    pairs += [(verdict, f"{verdict}-soft") for verdict in VERDICTS]
    pairs += [(verdict, "card") for verdict in VERDICTS]
    low = {pair: _contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}

    assert {pair: round(c, 2) for pair, c in low.items() if c < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_are_visible(theme):
    """Lines and dots of pictures have a contrast of 3 to 1."""
    colours = _theme(theme)

    for mark in ("kept", "positive", "negative", *VERDICTS):
        assert _contrast(colours[mark], colours["card"]) >= 3


def test_contrast_formula():
    """Black on white is 21 to 1."""
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
