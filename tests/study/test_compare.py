"""Two studies, probe by probe, from their folders alone."""

import json
import shutil

import numpy as np
import pytest

from tests.study.conftest import TINY, snapshot
from underspec import select
from underspec.core.errors import StudyError, UsageError
from underspec.core.streams import deciding, stream
from underspec.stats.beats import beats
from underspec.stats.centre import moved
from underspec.stats.totals import group, total
from underspec.stats.two_samples import difference
from underspec.study import analyse_files, load_study
from underspec.study.compare import compare
from underspec.study.comparison import comparison_json
from underspec.study.comparison_text import comparison_markdown, comparison_text

N, CLASSES = 300, 2


def answers(name, *, k=12, rate=(0.1, 0.3), prefix="e", n=N, classes=CLASSES):
    """Labels, ids and synthetic answers on a holdout and a shifted probe, by probe."""
    draw = stream(0, "compare test", name).generator()
    ids = np.array([f"{prefix}{i:03d}" for i in range(n)])
    labels = np.arange(n) % classes
    hard = stream(0, "compare test", "hard").generator().normal(size=n)
    said = {}
    for probe, share in zip(("lab", "field"), rate, strict=True):
        luck = hard + draw.normal(size=(k, n)) + 0.1 * draw.normal(size=(k, 1))
        wrong = luck > np.quantile(luck, 1 - share)
        said[probe] = np.where(wrong, (labels + 1) % classes, labels)
    return ids, labels, said


def study(
    folder, name, *, seed=0, epsilon=0.1, metric="accuracy", scores=False, rename=None, **how
):
    """Analyse synthetic answers; return the folder."""
    ids, labels, said = answers(name, **how)
    head = "probe,variant,example,label," + ("score_0,score_1" if scores else "prediction")
    rows = [head]
    for probe, codes in said.items():
        called = (rename or {}).get(probe, probe)
        for v, own in enumerate(codes):
            for i, example in enumerate(ids):
                given = f"{0.9 - 0.8 * own[i]:.1f},{0.1 + 0.8 * own[i]:.1f}" if scores else own[i]
                rows.append(f"{called},m{v:02d},{example},{labels[i]},{given}")
    path = folder / f"{name}.csv"
    path.write_text("\n".join(rows) + "\n")
    analyse_files(
        [path],
        str(folder / name),
        holdout="lab",
        near_equal=select.get("margin", epsilon=epsilon),
        metric=metric,
        max_drop=0.1,
        seed=seed,
        name=name,
    )
    return str(folder / name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Studies that only tests of reading share."""
    base = tmp_path_factory.mktemp("compared")
    study(base, "one")
    study(base, "better", rate=(0.1, 0.1), k=14)
    study(base, "fresh", prefix="f")
    study(base, "halved", seed=1)
    study(base, "three", classes=3)
    return base


def both(folder, a, b, **how):
    return compare(str(folder / a), str(folder / b), **how)


def test_same_examples_are_paired_on_the_reported_half(folder):
    """Difference, p and P(A > B) are those of the kept variants' answers on the reported half."""
    found = both(folder, "one", "better")
    field = next(p for p in found.probes if p.name == "field")
    ids, labels, said = answers("one")
    _, _, other = answers("better", rate=(0.1, 0.1), k=14)
    half = ~deciding(0, ids)
    sides, chosen = [], []
    for name, codes in (("one", said), ("better", other)):
        kept = json.loads((folder / name / "findings.json").read_text())["pool"]["kept"]
        chosen.append(np.array([int(v[1:]) for v in kept]))
        right = codes["field"] == labels
        sides.append(total(right[:, half], group(ids[half])))
    pools = [side.only(rows) for side, rows in zip(sides, chosen, strict=True)]
    centres = tuple(moved(s.means, p.means, middle=True) for s, p in zip(sides, pools, strict=True))
    known = difference(*pools, (0.0, 1.0), centres=centres)

    assert field.same_examples
    assert field.examples == (half.sum(), half.sum())
    assert field.difference.value == pytest.approx(known.value)
    assert (field.difference.low, field.difference.high) == pytest.approx((known.low, known.high))
    assert field.p == pytest.approx(known.p)
    assert field.beats.value == beats(pools[0].means, pools[1].means, known.luck).value
    assert field.detectable == pytest.approx(known.detectable)
    assert field.multi_bootstrap.low < field.difference.value < field.multi_bootstrap.high


def test_the_better_study_is_found(folder):
    """Twenty points on the shifted probe, nothing on the holdout; turned round, the other side."""
    found = both(folder, "one", "better")
    turned = both(folder, "better", "one")

    assert [(p.name, p.better) for p in found.probes] == [("holdout", "unknown"), ("field", "b")]
    assert [p.better for p in turned.probes] == ["unknown", "a"]
    assert found.probes[1].beats.high < 0.3
    for p, q in zip(found.probes, turned.probes, strict=True):
        assert p.difference.low == pytest.approx(-q.difference.high)


def test_a_study_is_not_told_apart_from_itself(folder):
    """No difference, one half, p of 1."""
    for probe in both(folder, "one", "one").probes:
        assert (probe.difference.value, probe.beats.value, probe.p) == (0, 0.5, 1)
        assert probe.better == "unknown"


def test_other_examples_are_independent_samples(folder):
    """Other ids are other examples; it is said, and the interval is wider."""
    paired, apart = both(folder, "one", "halved"), both(folder, "one", "fresh")

    assert all(p.same_examples for p in paired.probes)
    assert not any(p.same_examples for p in apart.probes)
    assert any("independent samples" in note for note in apart.notes)
    for p, q in zip(both(folder, "one", "better").probes, apart.probes, strict=True):
        assert q.difference.high - q.difference.low > p.difference.high - p.difference.low


def test_other_halves_leave_what_both_report(folder):
    """With other root seeds an example must be in the reported half of both."""
    found = both(folder, "one", "halved")
    ids, _, _ = answers("one")
    count = (~deciding(0, ids) & ~deciding(1, ids)).sum()

    assert {p.examples for p in found.probes} == {(count, count)}
    assert any("different seeds (0 and 1)" in note for note in found.notes)


def test_all_trained_or_the_pool(tmp_path):
    """Kept variants by default; --all compares those that were dropped too."""
    study(tmp_path, "one")
    study(tmp_path, "tight", epsilon=0.02)
    kept = both(tmp_path, "one", "tight")
    everything = both(tmp_path, "one", "tight", which="all")

    assert kept.b.variants < 12
    assert (everything.a.variants, everything.b.variants) == (12, 12)
    assert any("different margins: 0.1 and 0.02" in note for note in kept.notes)


@pytest.mark.parametrize(
    ("a", "b", "how", "error", "sentence"),
    [
        ("one", "three", {}, UsageError, "has 2 classes and that in .* 3"),
        ("one", "better", {"probes": ["feild"]}, UsageError, "Did you mean 'field'"),
        ("one", "better", {"paired_variants": True}, UsageError, "same seeds"),
        ("one", "better", {"resamples": -1}, UsageError, "got -1"),
        ("one", "nowhere", {}, StudyError, "holds no study"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(folder, a, b, how, error, sentence):
    """Other classes, unknown probes, variants without seeds, folders without studies."""
    with pytest.raises(error, match=sentence) as caught:
        both(folder, a, b, **how)
    assert "\n" not in str(caught.value)


def test_other_metrics_are_refused(tmp_path):
    """Accuracy against Brier score says nothing."""
    study(tmp_path, "one", scores=True)
    study(tmp_path, "brier", scores=True, metric="brier", epsilon=0.2)
    with pytest.raises(UsageError, match=r"judged by accuracy and .* by brier"):
        both(tmp_path, "one", "brier")


def test_less_is_better_for_a_loss(tmp_path):
    """With a loss the side with less of it is the better one, and beats the other."""
    for name, rate in (("good", 0.1), ("bad", 0.4)):
        how = {"scores": True, "metric": "brier", "epsilon": 0.5}
        study(tmp_path, name, rate=(0.1, rate), **how)
    field = both(tmp_path, "good", "bad").probes[1]

    assert field.difference.high < 0
    assert (field.better, field.beats.value) == ("a", 1)


def test_no_probe_in_common_but_the_holdout(tmp_path):
    """Probes are matched by name; what only one study has is told."""
    study(tmp_path, "one")
    study(tmp_path, "other", rename={"field": "street"})
    found = both(tmp_path, "one", "other")

    assert [p.name for p in found.probes] == ["holdout"]
    assert sum("alone, such as" in note for note in found.notes) == 2


def test_a_probe_more_changes_adjusted_p_alone(folder):
    """What is found on one probe is the same with and without others beside it."""
    alone = both(folder, "one", "better", probes=["field"]).probes[0]
    beside = both(folder, "one", "better").probes[1]

    assert alone.p_adjusted == alone.p
    assert beside.p_adjusted == 2 * beside.p
    plain = [
        {k: v for k, v in vars(p).items() if k not in ("p_adjusted", "better")}
        for p in (alone, beside)
    ]
    assert plain[0] == plain[1]


def test_reading_changes_nothing_and_repeats_itself(folder):
    """The folders stay as they are; the same comparison gives the same bytes."""
    before = snapshot(folder, "one"), snapshot(folder, "better")
    first, second = (comparison_json(both(folder, "one", "better")) for _ in range(2))

    assert first == second
    assert (snapshot(folder, "one"), snapshot(folder, "better")) == before
    told = json.loads(first)
    assert told["schema"] == 1
    assert [p["name"] for p in told["probes"]] == ["holdout", "field"]
    assert set(told["probes"][0]["difference"]) == {"value", "low", "high"}


def test_words_say_who_is_better_and_hide_no_markup(tmp_path):
    """Text and Markdown have a row a probe; a hostile name stays a name."""
    study(tmp_path, "one", rename={"field": "<b>|x"})
    study(tmp_path, "better", rename={"field": "<b>|x"}, rate=(0.1, 0.1))
    found = both(tmp_path, "one", "better")
    text, page = comparison_text(found), comparison_markdown(found)

    assert text.startswith("Of 2 probes B is better on 1; on 1 they are not told apart.")
    assert "<b>|x" in text
    assert "&lt;b>\\|x" in page or "&lt;b\\>\\|x" in page
    assert "<b>" not in page
    assert page.count("\n| ") == 4
    assert "1000 resamples" in page
    assert "Multi-Bootstrap" not in comparison_markdown(
        both(tmp_path, "one", "better", resamples=0)
    )


DEEPER = "trainer.sklearn.parameters.max_depth=12"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Studies that were trained here: two depths of tree, and one of them with another seed."""
    base = tmp_path_factory.mktemp("trained")
    (base / "study.yaml").write_text(TINY.replace("epsilon: 0.05", "epsilon: 0.08"))
    for name, sets in {"a": [], "b": [DEEPER], "c": [DEEPER, "seed=4"]}.items():
        load_study(base / "study.yaml", sets)[0].run(base / name, where="inline")
    return base


def test_variants_of_one_seed_are_paired_when_asked(trained):
    """Pairs are variants whose seeds of all sources are equal; by default it is only said."""
    apart = both(trained, "a", "b")
    paired = both(trained, "a", "b", paired_variants=True)

    assert any("same seeds in both" in note for note in apart.notes)
    assert not apart.paired_variants
    assert paired.a.variants == paired.b.variants <= min(apart.a.variants, apart.b.variants)
    with pytest.raises(UsageError, match="found 0 variants with the same seeds"):
        both(trained, "a", "c", paired_variants=True)


def test_variants_that_share_seeds_by_design_are_told(trained, tmp_path):
    """Designs whose variants are no independent draws get a note; independent ones do not."""
    shutil.copytree(trained / "b", tmp_path / "b")
    record = tmp_path / "b/study.yaml"
    assert "design: joint" in record.read_text()
    record.write_text(record.read_text().replace("design: joint", "design: crossed"))
    found = compare(str(trained / "a"), str(tmp_path / "b"), resamples=0)

    assert [note for note in found.notes if "by design (crossed)" in note]
    assert not [note for note in both(trained, "a", "b").notes if "by design" in note]


def test_another_draw_of_a_stress_test_is_said(trained):
    """The same images turned by other angles: still paired, and told."""
    found = both(trained, "a", "c")

    assert all(p.same_examples for p in found.probes)
    turned = next(p.title for p in found.probes if p.name.startswith("rotate"))
    assert any(turned in note and "another draw" in note for note in found.notes)
    assert not any("holdout" in note and "another draw" in note for note in found.notes)


def test_probes_that_a_changed_stress_test_left_are_not_read(trained, tmp_path):
    """A study that was run again with more images is compared on those that its findings tell of."""
    stress = "stress=[{rotate: {angles: [20]}}, {contrast: {severities: [2], examples: 200}}]"
    path = tmp_path / "study.yaml"
    path.write_text((trained / "study.yaml").read_text())
    load_study(path, [DEEPER, stress])[0].run(tmp_path / "b", where="inline")
    few = compare(str(trained / "a"), str(tmp_path / "b"), probes=["contrast*"]).probes[0]
    load_study(path, [DEEPER, stress.replace(", examples: 200", "")])[0].run(
        tmp_path / "b", where="inline"
    )
    all_ = compare(str(trained / "a"), str(tmp_path / "b"), probes=["contrast*"]).probes[0]
    known = both(trained, "a", "b", probes=["contrast-gen-2"]).probes[0]

    assert not few.same_examples
    assert few.examples[1] < 200 < all_.examples[1]
    assert all_ == known


def test_a_damaged_folder_is_told_by_name(tmp_path):
    """A list of probes that cannot be read ends in a sentence."""
    study(tmp_path, "one")
    (tmp_path / "one/probes/foreign.json").write_text("{")
    with pytest.raises(StudyError, match=r"foreign\.json in .*one is damaged"):
        both(tmp_path, "one", "one")
