"""Safe names: they keep to their pattern, and different texts never share one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec.core.names import NAME, part, slug

# Texts that are easily taken for each other, among any others.
TEXTS = st.one_of(st.text(max_size=80), st.text(alphabet="aA-_. x0/", max_size=12))


@given(TEXTS)
def test_every_text_gets_a_name_of_the_right_form(text):
    """Whatever the text, its slug matches the pattern of probe names and is short."""
    assert NAME.fullmatch(slug(text))
    assert re.fullmatch("[a-z0-9_]+", part(text))
    assert max(len(slug(text)), len(part(text))) <= 60


@given(TEXTS, TEXTS)
def test_different_texts_get_different_names(one, other):
    """A slug is the same only for the same text, also for slugs of slugs."""
    assert (slug(one) == slug(other)) == (one == other)
    assert (part(one) == part(other)) == (one == other)
    if one != slug(one):
        assert slug(slug(one)) != slug(one)


@pytest.mark.parametrize(
    "name", ["holdout", "contrast-3", "cell_1-v1.5", "contrast-gen-3", "motion_blur-gen"]
)
def test_a_name_stays_as_it_is(name):
    """What is a name already is not touched."""
    assert slug(name) == name


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("../x", "x_x"),
        ("<script>", "script_x"),
        ("Fog 3", "fog_3_x"),
        ("São Paulo", "sao_paulo_x"),
        ("霧", "name_x"),
        ("", "name_x"),
        ("a" * 200, "a" * 40 + "_x"),
        ("\ud800", "name_x"),
    ],
)
def test_any_other_text_keeps_a_likeness_and_gets_a_hash(text, start):
    """The readable part stays, the hash tells texts of one likeness apart."""
    assert slug(text).startswith(start)
    assert len(slug(text)) == len(start) + 12


def test_case_and_signs_matter():
    """Texts that look alike after cleaning stay apart."""
    assert len({slug(t) for t in ("fog 3", "Fog 3", "fog-3", "fog_3", "fog/3", "fog  3")}) == 6
