"""Every case: its study files are studies, its layouts are told apart."""

from pathlib import Path

import pytest

from underspec import cases
from underspec.cases import Case, Layout
from underspec.cases.ready import ready
from underspec.core.errors import UsageError
from underspec.study.spec import parse_spec, read_spec

NAMES = cases.names()
FILES = [
    (name, file) for name in NAMES for file in sorted(p.stem for p in cases.get(name).folder.glob("*.yaml"))
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_case_names_files_that_are_there(name: str) -> None:
    """Every study file is named by a form or layout, and every name has its file."""
    case = cases.get(name)
    named = [file for files in case.forms().values() for file in files]
    named += [file for layout in case.layouts for file in layout.studies]

    assert case.name == name
    assert set(named) == {file for of, file in FILES if of == name}


@pytest.mark.parametrize("name", NAMES)
def test_a_case_says_what_it_stands_on(name: str) -> None:
    """A case is told in sentences, and says whether its stand-in is synthetic."""
    case = cases.get(name)

    assert case.says.endswith(".")
    assert case.stand_in.endswith(".")
    assert any(word in case.stand_in.lower() for word in ("synthetic", "real"))


@pytest.mark.parametrize(("name", "file"), FILES)
def test_study_files_are_as_the_schema_says(name: str, file: str) -> None:
    """Each study file of a case is a study file."""
    spec = parse_spec(read_spec(cases.get(name).path(file)))

    assert spec.variants >= 10


@pytest.mark.torch
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["full", "quick", "clean"])
def test_stand_ins_make_studies(name: str, form: str, tmp_path: Path) -> None:
    """Each form of a stand-in becomes studies with members that exist and sources that are honoured."""
    case = cases.get(name)
    if not case.forms()[form]:
        with pytest.raises(UsageError, match="form"):
            ready(case, str(tmp_path), form=form)  # type: ignore[arg-type]
        return

    _, made = ready(case, str(tmp_path), form=form)  # type: ignore[arg-type]

    assert [one.file for one in made] == list(case.forms()[form])
    assert len({one.out for one in made}) == len(made)


def example() -> Case:
    """Return a case with two layouts."""
    return Case(
        name="vision",
        title="An example",
        says="It is an example.",
        stand_in="Synthetic.",
        layouts=(
            Layout("one", ("labels.csv", "images"), ("study",), "set one"),
            Layout("two", ("metadata_*.csv",), ("study",), "set two"),
        ),
    )


def test_a_layout_is_told_by_what_lies_there(tmp_path: Path) -> None:
    """The layout whose files are all there is found; a part of them is not enough."""
    (tmp_path / "labels.csv").touch()
    (tmp_path / "metadata_2.csv").touch()

    assert example().layout(tmp_path).name == "two"


def test_several_layouts_must_be_named(tmp_path: Path) -> None:
    """Data that could be two layouts is refused until one of them is named."""
    for name in ("labels.csv", "images", "metadata_2.csv"):
        (tmp_path / name).touch()

    with pytest.raises(UsageError, match="several layouts"):
        example().layout(tmp_path)

    assert example().layout(tmp_path, "one").name == "one"


@pytest.mark.parametrize(
    ("root", "name", "said"),
    [("absent", None, "no folder"), (".", "three", "layout"), (".", None, "no layout")],
)
def test_data_that_is_not_there_is_said(tmp_path: Path, root: str, name: str, said: str) -> None:
    """A wrong folder, a wrong layout and unknown files are each told in one sentence."""
    with pytest.raises(UsageError, match=said):
        example().layout(tmp_path / root, name)


def test_the_folder_of_the_data_stands_where_the_file_says(tmp_path: Path) -> None:
    """$DATA becomes the folder given, however deep it stands."""
    from underspec.cases.ready import _filled

    written = {"train": {"image_folder": {"root": "$DATA/train"}}, "stress": [{"a": ["$DATA"]}]}

    assert _filled(written, "/x") == {
        "train": {"image_folder": {"root": "/x/train"}},
        "stress": [{"a": ["/x"]}],
    }


def test_unknown_cases_are_named() -> None:
    """A case that is not there is told with those that are."""
    with pytest.raises(UsageError, match="case"):
        cases.get("visio")


def test_the_page_over_cases_tells_each_study(tmp_path: Path) -> None:
    """One line a study with its worst stress test; the page is well formed and links the report."""
    from underspec.cases.index import index_page, line, table
    from underspec.study.study import load_study

    file = tmp_path / "study.yaml"
    file.write_text(STUDY)
    findings = load_study(file)[0].run(tmp_path / "runs" / "one", where="inline")
    assert findings is not None
    told = line(example(), str(tmp_path / "runs" / "one"), str(tmp_path / "runs"))

    assert told.report == "one/report.html"
    assert told.variants == f"{findings.study.variants.kept} of 12"
    assert told.data == "real"
    called = sum(p.spread_verdict == "yes" for p in findings.probes if p.kind != "holdout")
    assert told.called == f"{called} of {len(findings.probes) - 1}"
    widest = max((p for p in findings.probes[1:]), key=lambda p: (p.spread_verdict == "yes", p.gap.value))  # fmt: skip
    assert told.worst == widest.title
    assert told.worst in index_page([told], [example()])
    assert table([told]).count("\n") == 3


STUDY = """\
schema: 1
name: one
seed: 3
train: {sklearn_digits: {part: train}}
holdout: {sklearn_digits: {part: holdout}}
trainer: {sklearn: {estimator: decision_tree, parameters: {max_features: 8, max_depth: 8}}}
vary: {sources: [init, sample]}
variants: 12
near_equal: {margin: {epsilon: 0.05}}
stress: [{contrast: {severities: [2, 4]}}, {rotate: {angles: [20]}}]
run: {where: inline}
"""
