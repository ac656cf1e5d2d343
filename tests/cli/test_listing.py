"""`underspec list`: what each member says of itself."""

import re

import pytest

from underspec import stress
from underspec.cli.listing import STAGES


def blocks(text):
    """Return what is printed below each member's line, by its name."""
    parts = re.split(r"^  (\w+) \(.*\): .*$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_stress_tests_say_kind_modality_and_source(underspec):
    """Every one of ours says all three, and its parameters follow."""
    status, out, _ = underspec("list", "stress")
    assert status == 0
    said = blocks(out)
    assert sorted(said) == list(stress.names())
    for name, text in said.items():
        facts = dict(re.findall(r"^      (kind|modality|source): (.+)$", text, re.MULTILINE))
        assert sorted(facts) == ["kind", "modality", "source"], name
        assert "not said" not in facts.values(), name
        assert facts["kind"] in ("shifted", "stratified", "contrastive"), name
    assert "kind: stratified" in said["by_group"]
    assert "column = required" in said["by_group"]
    assert "kind: shifted" in said["brightness"]
    assert "modality: images" in said["occlude"]
    assert "shares = (0.05, 0.1, 0.2, 0.4)" in said["occlude"]


@pytest.mark.parametrize("stage", [s for s in STAGES if s != "stress"])
def test_other_stages_list_parameters_alone(underspec, stage):
    """Kind, modality and source are words of stress tests."""
    status, out, _ = underspec("list", stage)
    assert status == 0
    assert not re.search(r"^      (kind|modality|source):", out, re.MULTILINE)


def test_an_unknown_stage_is_said(underspec):
    """With the nearest name."""
    status, _, err = underspec("list", "stres")
    assert status == 2
    assert "Did you mean 'stress'" in err
