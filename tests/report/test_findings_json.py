"""findings.json: the same findings, the same bytes, and back."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.dossiers import realistic
from underspec.core.errors import StudyError
from underspec.core.findings import Interval
from underspec.core.findings_json import findings_from_json, findings_json

FINDINGS = realistic(variants=12, severities=(1.0, 5.0), exhibits=0).findings


def _with(value, text="study"):
    first = replace(FINDINGS.probes[0], mean=Interval(value, None, None))
    study = replace(FINDINGS.study, name=text)
    return replace(FINDINGS, study=study, probes=(first, *FINDINGS.probes[1:]))


def test_reads_back():
    """What was written is read back, rounded, and written again to the same bytes."""
    text = findings_json(FINDINGS)
    again = findings_from_json(text)

    assert findings_json(again) == text
    assert again.pool == FINDINGS.pool
    assert again.probes[3].spread.true == pytest.approx(FINDINGS.probes[3].spread.true, rel=1e-9)


def test_layout():
    """Fields stand in their order, one step indented, with a line break at the end."""
    text = findings_json(FINDINGS)

    assert text.startswith('{\n "schema": 1,\n "intervals": {\n  "level": 0.95,')
    assert text.endswith("\n}\n")


@given(st.floats(), st.text())
def test_any_number_and_text_is_plain_json(value, text):
    """Numbers that are not finite become null, others keep ten digits; texts can be written."""
    written = findings_json(_with(value, text))
    written.encode("utf-8")
    got = json.loads(written, parse_constant=pytest.fail)["probes"][0]["mean"]["value"]

    assert got == (pytest.approx(value, rel=1e-9) if np.isfinite(value) else None)


@pytest.mark.parametrize("value", [np.float64(0.25), np.float32(0.25), 0.25])
def test_array_scalars_write_like_numbers(value):
    """A NumPy scalar gives the same bytes as the number."""
    assert findings_json(_with(value)) == findings_json(_with(0.25))


def test_zero_has_one_form():
    """A negative zero, which equals zero, gives the same bytes."""
    assert findings_json(_with(-0.0)) == findings_json(_with(0.0))


def test_order_of_free_keys_is_settled():
    """The order in which variants were dropped does not show."""
    pool = FINDINGS.pool
    turned = replace(pool, dropped=dict(reversed(pool.dropped.items())))
    two = replace(pool, dropped={"v1": "a", "v0": "b"})

    assert findings_json(replace(FINDINGS, pool=turned)) == findings_json(FINDINGS)
    assert findings_json(replace(FINDINGS, pool=two)).index('"v0"') < findings_json(
        replace(FINDINGS, pool=two)
    ).index('"v1"')


def test_unknown_keys_are_passed_over():
    """A file of a later version of this schema can be read."""
    plain = json.loads(findings_json(FINDINGS))
    plain["later"] = {"x": 1}
    plain["probes"][0]["later"] = [1]

    assert findings_from_json(json.dumps(plain)) == findings_from_json(findings_json(FINDINGS))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda plain: plain.update(schema=2), "schema 2"),
        (lambda plain: plain.pop("pool"), "lacks 'findings.pool'"),
        (lambda plain: plain["probes"][0].update(n="many"), "'many' at 'findings.probes.n'"),
        (lambda plain: plain["probes"][0].update(verdict="fine"), "'fine'"),
        (lambda plain: plain.update(probes=3), "findings.probes"),
        (lambda plain: plain["study"].update(name=None), "findings.study.name"),
    ],
)
def test_damage_is_named(change, sentence):
    """A file that lacks something or holds something else is refused with the place."""
    plain = json.loads(findings_json(FINDINGS))
    change(plain)
    with pytest.raises(StudyError, match=sentence):
        findings_from_json(json.dumps(plain))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", findings_json(FINDINGS)[:-200]])
def test_truncation_is_found(text):
    """A truncated file is refused, not half read."""
    with pytest.raises(StudyError, match=r"findings\.json"):
        findings_from_json(text)
