"""Designs and attribution through a whole study."""

import numpy as np
import pytest
from typer.testing import CliRunner

from underspec import select
from underspec.cli import app
from underspec.core.errors import StudyError, UsageError
from underspec.core.store import Store
from underspec.report import get
from underspec.study import analyse_files, load_study, read_dossier


def read_dossier_of(folder):
    return read_dossier(Store(str(folder)))


def test_crossed_study_attributes_its_spread(tiny, tmp_path):
    """Shares per probe and source, in the folder and the reports."""
    study, _ = load_study(tiny, ["vary.design=crossed", "stress=[{rotate: {angles: [20]}}]"])
    study.run(tmp_path / "out", where="inline")
    dossier = read_dossier_of(tmp_path / "out")
    found = dossier.findings

    assert [(one.probe, one.source) for one in found.attribution[:3]] == [
        ("holdout", "init"), ("holdout", "sample"), ("holdout", "interaction"),
    ]  # fmt: skip
    # Twelve variants: four samples by three inits, or the other way round.
    assert sorted(one.levels for one in found.attribution[:2]) == [3, 4]
    assert all(one.p is not None for one in found.attribution if one.kind == "source")
    assert 'id="attribution"' in get("html")(dossier)
    assert "Sources: By estimate the largest share of the spread comes from" in get("text")(dossier)
    assert "**Sources.** By estimate the largest share" in get("markdown")(dossier)


def test_joint_study_says_that_it_cannot(tiny, tmp_path):
    """No share is given where all sources vary at once, and the report says why."""
    study, _ = load_study(tiny, ["stress=[]"])
    study.run(tmp_path / "out", where="inline")
    dossier = read_dossier_of(tmp_path / "out")

    assert dossier.findings.attribution == ()
    assert "Sources: Not told: all sources vary at once (design joint)" in get("text")(dossier)


def test_design_is_part_of_the_identity(tiny, tmp_path):
    """The same folder with another design, or another parameter of it, is another study."""
    nested = "vary={sources: [sample, init], design: {nested: {inner: 3}}}"
    load_study(tiny, [nested, "stress=[]"])[0].run(tmp_path / "out", where="inline")
    assert read_dossier_of(tmp_path / "out").study["vary"]["design"] == {
        "nested": {"inner": 3, "outer": []}
    }

    other, _ = load_study(tiny, [nested.replace("3", "4"), "stress=[]"])
    with pytest.raises(StudyError, match="another design"):
        other.run(tmp_path / "out", where="inline")


@pytest.mark.parametrize(
    ("design", "sentence"),
    [
        ("croxed", "Did you mean 'crossed'"),
        ("{nested: 4}", "a name with its parameters"),
        ("{nested: {iner: 4}}", "Did you mean 'inner'"),
        ("{nested: {inner: 1}}", "got inner=1"),
        ("{nested: {outer: [order]}}", "No source of this study named 'order'"),
    ],
)
def test_wrong_designs_are_refused(tiny, design, sentence):
    """Each mistake is one sentence, before anything is trained."""
    with pytest.raises(UsageError, match=sentence):
        load_study(tiny, [f"vary={{sources: [init, sample], design: {design}}}"])


def test_pilot_from_the_command_line(tiny, tmp_path):
    """`run --pilot` says what is dead or alive and writes nothing."""
    done = CliRunner().invoke(app, ["run", str(tiny), "--out", str(tmp_path / "out"), "--pilot"])
    assert done.exit_code == 0
    assert "The same seeds twice: bit-identical" in done.output
    assert "init: alive" in done.output
    assert "4 models in" in done.output
    assert not (tmp_path / "out").exists()


def test_foreign_predictions_are_attributed_by_their_source_columns(tmp_path):
    """Columns `source_<name>` of a file are the levels, whatever design made them."""
    rows = ["probe,variant,example,label,prediction,source_pretrain,source_order"]
    draw = np.random.default_rng(1)
    for probe, spread in (("lab", 0.0), ("field", 0.15)):
        groups = 0.7 + spread * np.array([-1.5, -0.5, 0.0, 0.5, 1.5])
        for v in range(20):
            right = draw.random(150) < groups[v // 4]
            rows += [
                f"{probe},v{v:02d},e{i},{i % 2},{i % 2 if r else 1 - i % 2},p{v // 4},o{v}"
                for i, r in enumerate(right)
            ]
    (tmp_path / "said.csv").write_text("\n".join(rows) + "\n")
    found = analyse_files(
        [tmp_path / "said.csv"], str(tmp_path / "out"), holdout="lab",
        near_equal=select.get("margin", epsilon=0.2),
    )  # fmt: skip

    lab, _, field, rest = found.attribution
    assert [one.source for one in found.attribution] == ["pretrain", "order"] * 2
    assert field.p_adjusted < 0.001
    assert field.share.low > 0.5
    assert (lab.share.low or 0) == 0
    assert rest.kind == "rest"
