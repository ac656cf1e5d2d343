"""Studies on records of steps with holes: recurrent cells in one study, the same wherever it runs."""

import json
from dataclasses import replace

import numpy as np
import pytest

import underspec as us
from underspec.study.exhibits import are_images
from underspec.testing.trainers import sparse_records, striped_images


def study(**parameters):
    """A small study of two cells that start from one earlier training."""
    site = np.where(np.arange(120) % 2, "north", "south")
    holdout = replace(sparse_records(120, steps=6, seed=2), groups={"site": site})
    trainer = us.train.get(
        "torch",
        model="recurrent",
        model_parameters={"width": 4},
        pretrain={"reader": sparse_records(45, steps=6, seed=3), "epochs": 1},
        batch=16,
        epochs=2,
        device="cpu",
        **parameters,
    )
    return us.Study(
        us.Recipe(trainer, sparse_records(60, steps=6), holdout),
        near_equal=us.select.get("margin", epsilon=0.5),
        stress=[us.stress.get("by_group", column="site")],
        variants=10,
        vary=("init", "pretrain", {"cell": ["gru", "sru"]}),
    )


@pytest.mark.slow
@pytest.mark.torch
def test_records_make_a_study_in_any_process(tmp_path):
    """Two workers, each with a training before of its own, give what one process gives."""
    pytest.importorskip("torch")
    here = study().run(tmp_path / "inline", where="inline")
    apart = study().run(tmp_path / "processes", workers=2)

    assert apart == here
    assert [p.name for p in here.probes] == ["holdout", "site-north", "site-south"]
    assert here.study.variants.trained == 10
    strategy = json.loads((tmp_path / "inline" / "environment.json").read_text())["strategy"]
    assert strategy.startswith("cpu-f32-each-from-")


def test_records_are_no_pictures():
    """Three axes of floats with holes, or beyond 0..1, are not drawn; grey images are."""
    grey = striped_images(6).inputs[..., 0]

    assert are_images(grey)
    assert are_images(grey / 255)
    assert not are_images(sparse_records(6).inputs)
    assert not are_images(np.full((6, 4, 3), 140.0))
