"""The demos, as the README runs them; the torch one with fewer variants."""

import json

import pytest


@pytest.mark.slow
def test_sklearn_demo_finds_what_it_is_there_to_show(underspec, tmp_path):
    """Twenty MLPs that the holdout cannot tell apart part on contrast, and stay close on noise."""
    out = tmp_path / "demo"
    assert underspec("demo", "--trainer", "sklearn", "--out", out, "--no-open")[0] == 0

    found = json.loads((out / "findings.json").read_text())
    probes = {p["name"]: p for p in found["probes"]}
    assert found["study"]["variants"] == {"asked": 20, "trained": 20, "failed": 0, "kept": 20}
    assert probes["holdout"]["mean"]["value"] > 0.94
    assert probes["contrast-gen-4"]["spread_verdict"] == "yes"
    assert probes["gaussian_noise-gen-1"]["verdict"] == "clean"
    assert len((out / "report.html").read_bytes()) < 5_000_000


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.timeout(900)
def test_torch_demo_runs_from_end_to_end(underspec, tmp_path):
    """Three CNNs on Fashion-MNIST: over 30 probes, accurate, too few to judge, and said so."""
    pytest.importorskip("torch")
    out = tmp_path / "demo"
    status, _, err = underspec("demo", "--variants", "3", "--out", out, "--no-open")
    assert status == 0, err

    found = json.loads((out / "findings.json").read_text())
    assert len(found["probes"]) > 31
    assert all(p["n"] >= 2000 for p in found["probes"] if p["kind"] == "shifted")
    assert found["probes"][0]["mean"]["value"] >= 0.86
    assert {p["spread_verdict"] for p in found["probes"][1:]} == {"unknown"}
    assert "needs 10" in found["pool"]["note"]
    assert "Zalando" in (out / "report.html").read_text()
