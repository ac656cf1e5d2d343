"""A study of one made-up table, cut into its parts by readers and stressed by column."""

import pytest

from underspec.study import load_study

WORLD = '''\
"""Patients of four sites, seen twice each: two columns tell the class, two are noise."""

import numpy as np

from underspec import data
from underspec.core.streams import stream


def world(seed, dial, n=6000):
    """At dial 1 one of the two columns says the opposite in women of site c."""
    draw = stream(seed, "world").generator()
    patient = np.repeat(np.arange(n // 2), 2)
    site = np.array(list("abcd"))[draw.choice(4, n // 2, p=[0.35, 0.35, 0.15, 0.15])][patient]
    sex = np.array(["f", "m"])[draw.integers(0, 2, n // 2)][patient]
    labels = draw.integers(0, 2, n)
    side = 2 * labels - 1
    inputs = draw.normal(size=(n, 4)) + 1.1 * side[:, None] * np.array([1, 1, 0, 0])
    inputs[:, 0] += 10
    odd = (site == "c") & (sex == "f") & (draw.random(n) < dial)
    inputs[odd, 1] -= 2.2 * side[odd]
    return data.of(
        inputs,
        labels,
        clusters=[f"p{p}" for p in patient],
        groups={"site": site, "sex": sex},
        columns=["cause", "proxy", "noise", "more_noise"],
    )
'''

STUDY = """\
schema: 1
name: table
seed: 5
task: binary
metric: accuracy
train: {{where: {{of: {{split: {{of: {whole}, part: train, share: 0.5}}}}, column: site, leave_out: [c, d]}}}}
holdout: {{where: {{of: {{split: {{of: {whole}, part: holdout, share: 0.5}}}}, column: site, leave_out: [d]}}}}
trainer:
  sklearn:
    estimator: hist_gradient_boosting
    parameters: {{max_iter: 6, max_leaf_nodes: 3, max_features: 0.25, learning_rate: 0.4}}
vary: {{sources: [init, sample]}}
variants: {variants}
near_equal: {{margin: {{epsilon: 0.05}}}}
stress:
  - {{by_group: {{column: [site, sex], min_examples: 40}}}}
  - {{size_matched: {{column: [site, sex], min_examples: 40}}}}
  - {{files: {{name: site_d, data: {{where: {{of: {whole}, column: site, keep: [d]}}}}}}}}
  - {{missing: {{columns: [more_noise], shares: [0.3]}}}}
  - {{unit_slip: {{column: cause, factor: 0.1, shares: [0.5]}}}}
models: discard
run: {{where: inline}}
"""
GROUPS = tuple(f"{site}.{sex}" for site in "abc" for sex in "fm")


def found(folder, dial, seed, variants):
    """Return the probes of the study by name."""
    (folder / "world.py").write_text(WORLD)
    given = f"parameters: {{seed: {seed}, dial: {dial}}}"
    whole = f'{{call: {{target: "{folder}/world.py:world", {given}}}}}'
    path = folder / "study.yaml"
    path.write_text(STUDY.format(whole=whole, variants=variants))
    findings = load_study(path)[0].run(folder / "out", where="inline")
    return {probe.name: probe for probe in findings.probes}


def test_a_null_world_gives_no_false_call(tmp_path):
    """Groups, draws of their size, a held-out site and noise gone missing: nothing to find."""
    probes = found(tmp_path, dial=0, seed=1, variants=12)
    quiet = [name for name in probes if name.startswith(("site", "size_matched", "missing"))]

    assert set(quiet) == {
        *(f"site_by_sex-{group}" for group in GROUPS),
        *(f"size_matched_site_by_sex-{group}.1" for group in GROUPS),
        "site_d",
        "missing-0.3",
    }
    for name in quiet:
        assert "yes" not in (probes[name].drop_verdict, probes[name].spread_verdict), name
    assert probes["unit_slip_cause-0.5"].drop_verdict == "yes"


@pytest.mark.slow
def test_the_group_is_found_and_draws_of_its_size_are_not(tmp_path):
    """Variants part on women of site c alone, and not for want of examples."""
    probes = found(tmp_path, dial=1, seed=1, variants=16)
    parted = {name for name, probe in probes.items() if probe.spread_verdict == "yes"}

    assert parted - {"unit_slip_cause-0.5"} == {"site_by_sex-c.f"}
