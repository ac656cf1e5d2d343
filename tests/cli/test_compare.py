"""`underspec compare`, as a user types it."""

import json

import pytest
from tests.study.test_compare import study


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two finished studies."""
    base = tmp_path_factory.mktemp("compared")
    study(base, "one")
    study(base, "better", rate=(0.1, 0.1))
    return base


def test_every_format(underspec, folder):
    """Text says it in a sentence, JSON in full, Markdown as a table."""
    a, b = folder / "one", folder / "better"
    status, out, err = underspec("compare", a, b)
    assert (status, err) == (0, "")
    assert out.startswith("Of 2 probes B is better on 1")

    told = json.loads(underspec("compare", a, b, "--format", "json", "--resamples", 0)[1])
    assert [p["better"] for p in told["probes"]] == ["unknown", "b"]
    assert told["probes"][0]["multi_bootstrap"] is None
    assert "| field | B |" in underspec("compare", a, b, "--format", "markdown")[1]


def test_probes_are_chosen_by_pattern(underspec, folder):
    """--probe may be given more than once."""
    arguments = ["compare", folder / "one", folder / "better", "--format", "json"]
    one = json.loads(underspec(*arguments, "--probe", "fie*")[1])
    two = json.loads(underspec(*arguments, "--probe", "fie*", "--probe", "holdout")[1])

    assert [p["name"] for p in one["probes"]] == ["field"]
    assert [p["name"] for p in two["probes"]] == ["holdout", "field"]


@pytest.mark.parametrize(
    ("more", "status", "sentence"),
    [
        (["--format", "html"], 2, "Known: text, json, markdown"),
        (["--probe", "lob"], 2, "No probe that both studies have named 'lob'"),
        (["--paired-variants"], 2, "same seeds and values"),
        (["--resamples", "-1"], 2, "--resamples"),
    ],
)
def test_wrong_calls_are_one_sentence(underspec, folder, more, status, sentence):
    """What is called wrongly ends in a sentence and the right status."""
    got, out, err = underspec("compare", folder / "one", folder / "better", *more)
    assert got == status
    assert sentence in err
    assert "Traceback" not in out + err


def test_no_study(underspec, folder, tmp_path):
    """A folder without a study is told by name."""
    status, _, err = underspec("compare", folder / "one", tmp_path / "nowhere")
    assert status == 3
    assert "nowhere holds no study" in err
