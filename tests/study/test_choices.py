"""Choice rules through a whole study: named in the file, checked before training, graded, exported."""

import json

import numpy as np
import pytest
import yaml

from tests.study.conftest import TINY
from underspec import choose, metrics
from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.study.choosable import choosable
from underspec.study.probing import ProbeRow
from underspec.study.study import load_study

CHOOSE = """\
choose:
  - minimax_regret
  - ensemble
  - {ensemble: {size: 3}}
  - {best_on: contrast-gen-*}
  - {best_on: holdout}
"""


def study(path, text):
    path.write_text(text)
    return load_study(path)[0]


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """A finished study with an ensemble, and its folder."""
    folder = tmp_path_factory.mktemp("choices")
    made = study(folder / "study.yaml", TINY + CHOOSE)
    return made.run(folder / "run", where="inline"), folder / "run"


def test_all_rules_of_a_file_are_graded(judged):
    """A rule that comes twice is told by its values; ensembles by their own answers."""
    findings, _ = judged
    choices = {one.rule: one for one in findings.choices}

    assert list(choices) == [
        "minimax_regret",
        "ensemble",
        "ensemble 3",
        "best_on contrast-gen-*",
        "best_on holdout",
        "random_pick",
    ]
    assert {rule for rule, one in choices.items() if one.together} == {"ensemble", "ensemble 3"}
    assert set(choices["ensemble"].variants) == set(findings.pool.kept)
    assert len(choices["ensemble 3"].variants) == 3
    # Trees on digits err by themselves, so that a vote is far better.
    assert findings.recommended in ("ensemble", "ensemble 3")
    assert findings.advice.code == "ship"
    assert choices["ensemble"].gain.low > 0.1
    for one in findings.choices:
        assert next(told.probe for told in one.winners_curse) == "holdout"
        assert len(one.winners_curse) == 2


def test_an_ensemble_exports_all_its_models(judged, tmp_path):
    """The picked models lie side by side, and it is said that they answer together."""
    from underspec.core.store import Store
    from underspec.study.picks import export_pick

    findings, folder = judged
    picked = export_pick(Store(str(folder)), findings, "ensemble 3", str(tmp_path / "pick"))
    told = json.loads((tmp_path / "pick" / "pick.json").read_text())

    assert told["choice"]["together"] is True
    assert len(picked) == 3
    for variant in picked:
        assert (tmp_path / "pick" / variant).is_dir()


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            "{best_on: contrast-gen-3}",
            "No probe in this study named 'contrast-gen-3'. Did you mean",
        ),
        ("[{best_on: holdout}, {best_on: holdout}]", "'best_on holdout' is given twice"),
        ("{ensemble: {size: 1}}", "at least 2, but is 1"),
    ],
)
def test_a_rule_that_does_not_suit_is_refused_before_training(tmp_path, rule, sentence):
    """Nothing is trained for a study whose choice could not be made."""
    with pytest.raises(UsageError, match=sentence):
        study(tmp_path / "study.yaml", f"{TINY}choose: {rule}\n").run(
            tmp_path / "run", where="inline"
        )

    assert not (tmp_path / "run" / "blocks").exists()


def test_a_metric_that_is_no_mean_grades_ensembles_too(tmp_path):
    """AUC and the like are asked for the value of a mean of scores on each half."""
    text = yaml.safe_load(TINY + "choose: [ensemble]\n")
    text |= {"metric": "balanced_accuracy", "variants": 6, "stress": ["contrast"]}
    made = study(tmp_path / "study.yaml", yaml.safe_dump(text))
    findings = made.run(tmp_path / "run", where="inline")
    ensemble, anyone = findings.choices

    assert ensemble.gain.low > 0
    for told, level in zip(ensemble.winners_curse, anyone.winners_curse, strict=True):
        assert 0 < level.reported.value < told.reported.value <= 1
        assert np.isfinite([told.optimism.low, told.optimism.high]).all()


def test_an_ensemble_is_refused_where_no_scores_are_kept_or_can_be_graded():
    """Too many classes to keep all scores, or a metric fixed for each variant: said at once."""
    rules = {"ensemble": choose.get("ensemble")}
    ids = np.array([f"e{at}" for at in range(50)])
    data = Data(np.zeros((50, 1)), np.arange(50, dtype=np.int32) % 25, ids, ids)
    row = ProbeRow("k", "holdout", "holdout", "holdout", "holdout", "holdout", None, 50, True)
    with pytest.raises(UsageError, match="of the probe 'holdout' only answers are kept"):
        choosable(rules, {"accuracy": metrics.get("accuracy")}, data, [row])
    with pytest.raises(UsageError, match="'sensitivity' is fixed for each variant"):
        choosable(rules, {"sensitivity": metrics.get("sensitivity")}, data, [row])
    choosable({"medoid": choose.get("medoid")}, {"accuracy": metrics.get("accuracy")}, data, [row])
