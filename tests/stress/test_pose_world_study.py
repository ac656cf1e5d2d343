"""Both ends of the dial through the product, and what the lab's cues are worth."""

from dataclasses import replace

import numpy as np
import pytest

from underspec import Recipe, Study, data, select, train
from underspec.core.records import Variant
from underspec.data.synthetic.poses import CLASSES, SyntheticPoses
from underspec.data.synthetic.poses.factors import lamps, turns, walls
from underspec.data.synthetic.poses.light import on_wall
from underspec.data.synthetic.poses.objects import OBJECTS
from underspec.data.synthetic.poses.render import colours, drawn
from underspec.data.synthetic.poses.scenes import identity, scenes_of
from underspec.data.synthetic.poses.wall import painted
from underspec.stress.pose_world import PoseWorld

pytestmark = [pytest.mark.slow, pytest.mark.torch]


def verdicts(tmp_path, dial, examples, variants):
    pytest.importorskip("torch")
    study = Study(
        recipe=Recipe(
            trainer=train.get("torch"),
            train=SyntheticPoses("train", dial, examples),
            holdout=SyntheticPoses("holdout", dial, 3000),
        ),
        near_equal=select.get("margin", epsilon=0.03),
        stress=[PoseWorld(severities=(2, 3))],
        variants=variants,
        vary=("init", "order"),
        max_drop=0.1,
        seed=20,
    )
    findings = study.run(tmp_path, workers=2)
    assert findings.study.variants.kept >= 10
    return {probe.name: probe.verdict for probe in findings.probes[1:]}


def test_the_narrow_lab_is_underspecified(tmp_path):
    """At dial 1 all variants are equal in the lab, and part when the light changes, if not elsewhere."""
    found = verdicts(tmp_path, 1.0, 3000, 24)
    assert len(found) == 8
    assert {"underspecified", "both"} & set(found.values()), found


def test_training_on_everything_is_not_called(tmp_path):
    """At dial 0 the stress tests are in distribution: no probe is called, and some are cleared."""
    found = verdicts(tmp_path, 0.0, 8000, 12)
    assert len(found) == 8
    assert not {"underspecified", "both"} & set(found.values()), found
    assert "clean" in found.values(), found


def _by_one_cue(part, count, cue):
    """Return examples of the lab in which only one cue goes by the label, or all do."""
    scenes = scenes_of(np.asarray([identity(part, k, 0, 1.0) for k in range(count)]))
    draw = np.random.Generator(np.random.Philox(len(part)))
    own = {
        name: scenes.labels if cue in (name, "all") else draw.integers(0, 10, count)
        for name in ("shape", "colour", "wall")
    }
    out = np.empty((count, 32, 32, 3), np.uint8)
    for code, name in enumerate(CLASSES):
        rows = np.flatnonzero(own["shape"] == code)
        some = scenes.take(rows)
        lamp = lamps(some)
        paint = colours(replace(some, labels=own["colour"][rows]))
        made = drawn(OBJECTS[name](some.shape).centred(), turns(some), lamp, paint, 32)
        behind = painted(walls(replace(some, labels=own["wall"][rows])), 32)
        behind = behind * on_wall(lamp)[:, None, None]
        out[rows] = np.rint((made[..., :3] + (1 - made[..., 3:]) * behind) * 255)
    return data.of(out, scenes.labels, classes=CLASSES)


def test_each_cue_tells_the_class_in_the_lab():
    """Shape, colour and wall are each learnt by the recipe, and all leave room below the ceiling."""
    pytest.importorskip("torch")
    trainer = train.get("torch")
    right = {}
    for cue in ("shape", "colour", "wall", "all"):
        fitted = trainer.fit(
            [Variant("v000", {"init": 1, "order": 1})], _by_one_cue("train", 3000, cue)
        )
        asked = _by_one_cue("holdout", 2000, cue)
        right[cue] = float((fitted.predict(asked.inputs)[0].argmax(axis=1) == asked.labels).mean())
    assert all(0.6 < right[cue] < 0.93 for cue in ("shape", "colour", "wall")), right
    assert max(right["shape"], right["colour"], right["wall"]) + 0.02 < right["all"] < 0.98, right
