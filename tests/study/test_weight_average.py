"""The mean of several models' weights as a choice: made, asked about every probe, graded, exported."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.study.conftest import TINY, snapshot
from underspec.core.errors import UsageError
from underspec.core.store import Store
from underspec.study.picks import export_pick, sentences
from underspec.study.study import load_study
from underspec.study.tables import unpack_predictions

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")

NETS = """\
schema: 1
name: nets
seed: 3
train: {sklearn_digits: {part: train}}
holdout: {sklearn_digits: {part: holdout}}
trainer: {torch: {model: mlp, model_parameters: {hidden: [32]}, epochs: 6, learning_rate: 0.01}}
vary: {sources: [%s]}
variants: 11
near_equal: {margin: {epsilon: 0.2}}
stress:
  - {contrast: {severities: [2]}}
  - {rotate: {angles: [20]}}
choose: [weight_average, {weight_average: {size: 3}}, ensemble]
run: {where: inline}
"""


def ran(folder: Path, source: str):
    """Run the nets with one source varied."""
    file = folder / f"{source}.yaml"
    file.write_text(NETS % source)
    study, _ = load_study(file)
    return study.run(folder / source, where="inline")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two finished studies: one with the same initial weights, one with others."""
    place = tmp_path_factory.mktemp("averages")
    return place, {source: ran(place, source) for source in ("order", "init")}


def levels(findings, rule):
    """Return what the rule's picks reach on the holdout's other half, and its gain."""
    choice = next(one for one in findings.choices if one.rule == rule)
    curse = next(one for one in choice.winners_curse if one.probe == "holdout")
    return curse.reported.value, choice.gain.value


def test_models_that_share_their_start_may_be_averaged_others_may_not(folder):
    """From one start the mean of the weights is as good as a model; from several it is not, and it shows."""
    _, findings = folder
    together, mixed = (levels(findings[source], "weight_average") for source in ("order", "init"))
    alone = levels(findings["order"], "random_pick")

    assert together[0] > alone[0] - 0.02
    assert mixed[0] < alone[0] - 0.2
    assert mixed[1] < 0
    assert findings["init"].recommended != "weight_average"


def test_the_pick_is_told_as_one_model(folder):
    """The choice names its members and says that their weights are averaged."""
    findings = folder[1]["order"]
    choice = next(one for one in findings.choices if one.rule == "weight_average")

    assert choice.weights
    assert choice.together
    assert set(choice.variants) == set(findings.pool.kept)
    assert any("averaged into one model" in line for line in sentences(findings))
    small = next(one for one in findings.choices if one.rule == "weight_average 3")
    assert len(small.variants) == 3


def test_what_is_exported_is_what_was_graded(folder, tmp_path):
    """The exported model gives the scores that the study kept of it, and they are those of the mean."""
    place, findings = folder
    store = Store(str(place / "order"))
    out = tmp_path / "pick"
    export_pick(store, findings["order"], "weight_average", str(out))
    told = json.loads((out / "pick.json").read_text())
    study, _ = load_study(place / "order.yaml")
    model = study.recipe.trainer.load(out / "mean")
    holdout = study.recipe.holdout()

    states = []
    for block in sorted((place / "order" / "blocks").iterdir()):
        fitted = study.recipe.trainer.load(block / "models")
        states += [
            one.module.state_dict()
            for one in fitted.learned
            if one.variant in told["choice"]["variants"]
        ]
    mean = {name: torch.stack([s[name] for s in states]).mean(dim=0) for name in states[0]}
    for name, value in model.learned[0].module.state_dict().items():
        torch.testing.assert_close(value, mean[name], rtol=1e-5, atol=1e-6)

    scores = model.predict(holdout.inputs)[0]
    kept = [
        unpack_predictions([(p.read_bytes(), ["mean"], p.name)], holdout.labels).scores[0]
        for p in (place / "order" / "averages").glob("*/*.parquet")
        if len(unpack_rows_of(p)) == len(holdout)
    ]
    assert any(np.array_equal(scores, one) for one in kept)


def unpack_rows_of(path: Path):
    """Return the rows of a prediction file."""
    import pyarrow.parquet as pq

    return range(pq.read_metadata(path).num_rows)


def test_findings_are_made_again_without_asking_again(folder):
    """The means' answers are kept: new findings are the same bytes and no file changes."""
    place, _ = folder
    out = place / "order"
    before, told = snapshot(out, "averages"), (out / "findings.json").read_bytes()
    (out / "findings.json").unlink()
    study, _ = load_study(place / "order.yaml")
    study.run(out, where="inline")

    assert (out / "findings.json").read_bytes() == told
    assert snapshot(out, "averages") == before
    assert len(before) > 3


def test_a_damaged_answer_is_asked_again(folder):
    """A file of a mean that is cut short is made anew, and the findings stay."""
    place, _ = folder
    out = place / "order"
    told = (out / "findings.json").read_bytes()
    for file in (out / "averages").glob("*/*.parquet"):
        file.write_bytes(file.read_bytes()[:50])
    (out / "findings.json").unlink()
    load_study(place / "order.yaml")[0].run(out, where="inline")

    assert (out / "findings.json").read_bytes() == told


def test_a_trainer_that_cannot_average_is_said_before_training(tmp_path):
    """Trees have no weights to average: one sentence, and nothing was trained."""
    file = tmp_path / "study.yaml"
    file.write_text(TINY + "choose: weight_average\n")
    study, _ = load_study(file)

    with pytest.raises(UsageError, match="averages the weights of models"):
        study.run(tmp_path / "run", where="inline")

    assert not (tmp_path / "run" / "blocks").exists()
