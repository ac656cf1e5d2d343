"""The exchange format: what is read, in what order, and what is refused in which words."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import csv
from pyarrow import parquet as pq

from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.data.predictions import read

LABELS = {"i1": "cat", "i2": "dog", "i3": "cat"}


def rows(probes=("holdout", "fog"), variants=("a", "b"), examples=("i1", "i2", "i3"), **more):
    """Return rows that are right: variant a always, the others but for the last example."""
    return [
        {
            "probe": probe,
            "variant": variant,
            "example": example,
            "label": LABELS[example],
            "prediction": LABELS[example] if variant == "a" or example != "i3" else "dog",
            **{name: value(probe, variant, example) for name, value in more.items()},
        }
        for probe in probes
        for variant in variants
        for example in examples
    ]


def scored(scores, labels=("0", "1", "0")):
    """Return rows of `score` or `score_0 ...`; one list a variant, one entry an example."""
    out = []
    for probe in ("holdout", "fog"):
        for variant, each in zip("ab", scores, strict=True):
            for example, score, label in zip(("i1", "i2", "i3"), each, labels, strict=True):
                named = (
                    {f"score_{c}": s for c, s in enumerate(score)}
                    if isinstance(score, tuple)
                    else {"score": score}
                )
                out.append(
                    {
                        "probe": probe,
                        "variant": variant,
                        "example": example,
                        "label": label,
                        **named,
                    }
                )
    return out


def save(path, listed):
    table = pa.Table.from_pylist(listed)
    (csv.write_csv if path.suffix == ".csv" else pq.write_table)(table, str(path))
    return path


@pytest.fixture(params=[".csv", ".parquet"])
def file(request, tmp_path):
    """Return a path of each kind of file."""
    return tmp_path / f"p{request.param}"


def refused(path, pattern, holdout="holdout"):
    with pytest.raises(UsageError, match=pattern) as caught:
        read(path, holdout)
    assert "\n" not in str(caught.value)


def test_answers_are_read_into_one_array_a_probe(file):
    """Probes, variants, ids, classes, labels and answers stand where they belong."""
    got = read(save(file, rows()), "holdout")
    holdout, fog = got.probes

    assert (holdout.name, holdout.title, fog.name) == ("holdout", "holdout", "fog")
    assert got.classes == ("cat", "dog")
    assert [variant.id for variant in got.variants] == ["a", "b"]
    assert holdout.ids.tolist() == holdout.clusters.tolist() == ["i1", "i2", "i3"]
    assert holdout.group is None
    assert fog.predictions.variants == ("a", "b")
    assert fog.predictions.labels.tolist() == [0, 1, 0]
    assert fog.predictions.answers.tolist() == [[0, 1, 0], [0, 1, 1]]
    assert fog.predictions.answers.dtype == fog.predictions.labels.dtype == np.int32
    assert fog.predictions.scores is None
    assert fog.predictions.label_scores is None


def test_scores_of_classes_are_read(file):
    """One column a class gives scores, answers and the label's score."""
    got = read(
        save(
            file,
            scored(
                [[(0.5, 0.25, 0.25), (0, 1, 0), (0.25, 0.25, 0.5)], [(0.0, 0.5, 0.5)] * 3],
                labels=("0", "1", "2"),
            ),
        ),
        "holdout",
    )
    said = got.probes[1].predictions

    assert got.classes == ("0", "1", "2")
    assert said.scores.shape == (2, 3, 3)
    assert said.scores.dtype == said.label_scores.dtype == np.float32
    assert said.scores[0, 2].tolist() == [0.25, 0.25, 0.5]
    assert said.answers.tolist() == [[0, 1, 2], [1, 1, 1]]
    assert said.label_scores.tolist() == [[0.5, 1, 0.5], [0, 0.5, 0.5]]


def test_one_score_is_the_probability_of_class_1(file):
    """A binary score gives both classes their probability; one half answers 0."""
    got = read(save(file, scored([[0.25, 0.75, 0.5], [0, 1, 0.625]])), "holdout")
    said = got.probes[0].predictions

    assert got.classes == ("0", "1")
    assert said.scores[0].tolist() == [[0.75, 0.25], [0.25, 0.75], [0.5, 0.5]]
    assert said.answers.tolist() == [[0, 1, 0], [0, 1, 1]]
    assert said.label_scores[1].tolist() == [1, 1, 0.375]


def test_the_order_of_columns_does_not_matter(file):
    """Columns are found by name, score columns too."""
    three = [[(0.5, 0.25, 0.25), (0, 1, 0), (0.125, 0.125, 0.75)]] * 2
    for listed in (rows(cluster=lambda p, v, e: e + p), scored(three, labels=("0", "1", "2"))):
        straight = read(save(file, listed), "holdout").probes[1]
        turned = read(save(file, [dict(reversed(row.items())) for row in listed]), "holdout")

        for name in ("answers", "labels", "scores"):
            one, other = (getattr(p.predictions, name) for p in (straight, turned.probes[1]))
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(straight.clusters, turned.probes[1].clusters)


def test_what_was_read_does_not_hang_on_the_file(file):
    """Probes are given when they are asked for, from what was read: the file may go meanwhile."""
    got = read(save(file, rows()), "holdout")
    file.unlink()

    assert got.probes[1].predictions.answers.tolist() == [[0, 1, 0], [0, 1, 1]]
    assert [probe.title for probe in got.probes] == ["holdout", "fog"]
    assert [probe.title for probe in got.probes[::-1]] == ["fog", "holdout"]
    assert got.probes[-1].title == "fog"


@pytest.mark.parametrize("form", ["prediction", "scores", "compact"])
def test_rows_that_went_to_disk_are_the_same(file, monkeypatch, form):
    """Rows beyond what memory may hold lie in a temporary folder, which goes with the result."""
    import gc
    import tempfile

    from underspec.data.predictions import spill

    three = [[(0.5, 0.25, 0.25), (0, 1, 0), (0.125, 0.125, 0.75)], [(0.25, 0.75, 0)] * 3]
    listed = rows() if form == "prediction" else scored(three, labels=("0", "1", "2"))
    save(file, listed[::-1])
    whole = 2 if form == "compact" else None
    held = read(file, "holdout", whole=whole)
    folder = file.parent / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(spill, "_IN_MEMORY", 0)
    monkeypatch.setattr(spill, "_AT_ONCE", 2)
    stored = read(file, "holdout", whole=whole)

    assert list(folder.rglob("*.values"))
    for one, other in zip(stored.probes, held.probes, strict=True):
        for name in ("answers", "labels", "scores", "label_scores"):
            a, b = (getattr(p.predictions, name) for p in (one, other))
            np.testing.assert_array_equal(a, b)
    del stored
    gc.collect()
    assert not list(folder.iterdir())


def test_of_many_classes_the_answer_and_the_score_of_the_label_are_kept(file):
    """Above `whole` classes scores are reduced; what is kept is the same as in the whole."""
    three = [[(0.5, 0.25, 0.25), (0, 1, 0), (0.125, 0.125, 0.75)], [(0.25, 0.75, 0)] * 3]
    save(file, scored(three, labels=("0", "1", "2")))
    for full, few in zip(
        read(file, "holdout").probes, read(file, "holdout", whole=2).probes, strict=True
    ):
        assert few.predictions.scores is None
        np.testing.assert_array_equal(few.predictions.answers, full.predictions.answers)
        np.testing.assert_array_equal(few.predictions.label_scores, full.predictions.label_scores)


def test_neither_the_order_of_rows_nor_that_of_files_matters(tmp_path):
    """Shuffled rows over two files of different kinds give the same as one file."""
    listed = rows(probes=("fog 10", "holdout", "fog 9"), variants=("v10", "v9", "v1"))
    whole = read(save(tmp_path / "whole.csv", listed), "holdout")
    order = stream(0, "tests").generator().permutation(len(listed))
    mixed = [listed[at] for at in order]
    parts = [save(tmp_path / "1.parquet", mixed[:11]), save(tmp_path / "2.csv", mixed[11:])]
    for got in (read(parts, "holdout"), read(parts[::-1], "holdout")):
        assert [v.id for v in got.variants] == ["v1", "v9", "v10"]
        assert [p.title for p in got.probes] == ["holdout", "fog 9", "fog 10"]
        for one, other in zip(got.probes, whole.probes, strict=True):
            np.testing.assert_array_equal(one.predictions.answers, other.predictions.answers)
            np.testing.assert_array_equal(one.predictions.labels, other.predictions.labels)
            np.testing.assert_array_equal(one.ids, other.ids)


def test_clusters_groups_and_sources_are_read(file):
    """Optional columns: clusters and groups by example, sources by variant."""
    listed = rows(
        cluster=lambda p, v, e: "patient " + ("1" if e < "i3" else "2"),
        group=lambda p, v, e: {"i1": "north", "i2": "", "i3": "south"}[e],
        source_init=lambda p, v, e: {"a": "7", "b": "8"}[v],
        source_cell=lambda p, v, e: {"a": "lstm", "b": ""}[v],
    )
    got = read(save(file, listed), "holdout")

    assert got.probes[1].clusters.tolist() == ["patient 1", "patient 1", "patient 2"]
    assert got.probes[1].group.tolist() == ["north", "missing", "south"]
    assert dict(got.variants[0].values) == {"init": "7", "cell": "lstm"}
    assert dict(got.variants[1].values) == {"init": "8", "cell": "missing"}


def test_a_file_without_clusters_falls_back_to_ids(tmp_path):
    """Where only one of two files has clusters, the other's are its ids."""
    with_clusters = rows(probes=("holdout",), cluster=lambda p, v, e: "one")
    paths = [save(tmp_path / "1.csv", with_clusters), save(tmp_path / "2.csv", rows(("fog",)))]
    holdout, fog = read(paths, "holdout").probes

    assert holdout.clusters.tolist() == ["one"] * 3
    assert fog.clusters.tolist() == ["i1", "i2", "i3"]


def test_text_stays_text_and_numbers_are_written_alike(tmp_path):
    """`007` stays; integers, whole floats and their texts are one class; NA is a name."""
    listed = rows()
    for row in listed:
        row["variant"] = {"a": "007", "b": "NA"}[row["variant"]]
        row["label"] = {"cat": 3, "dog": 10}[row["label"]]
        row["prediction"] = float({"cat": 3, "dog": 10}[row["prediction"]])
    for name in ("p.csv", "p.parquet"):
        got = read(save(tmp_path / name, listed), "holdout")

        assert [v.id for v in got.variants] == ["007", "NA"]
        assert got.classes == ("3", "10")
        assert got.probes[0].predictions.answers.tolist() == [[0, 1, 0], [0, 1, 1]]


def test_unused_categories_are_nobody(tmp_path):
    """A category that no row has makes no variant."""
    table = pa.Table.from_pylist(rows())
    codes = pa.array([{"a": 0, "b": 2}[v] for v in table["variant"].to_pylist()], pa.int8())
    column = pa.DictionaryArray.from_arrays(codes, pa.array(["a", "ghost", "b"]))
    pq.write_table(table.set_column(1, "variant", column), tmp_path / "p.parquet")

    assert [v.id for v in read(tmp_path / "p.parquet", "holdout").variants] == ["a", "b"]


@pytest.mark.parametrize(
    "title", ["../x", "<script>alert(1)</script>", "C:\\x", "'; --", "x" * 300]
)
def test_hostile_names_become_safe_ones_and_keep_their_title(file, title):
    """A probe may be called anything; its name is safe and its title what was written."""
    probe = read(save(file, rows(probes=("holdout", title))), "holdout").probes[1]

    assert probe.title == title
    assert not set(probe.name) - set("abcdefghijklmnopqrstuvwxyz0123456789_-.")
    assert ".." not in probe.name


def test_a_pandas_index_and_a_compressed_csv_are_taken(tmp_path):
    """What pandas writes unasked is left aside; .csv.gz is read as it is."""
    table = pa.Table.from_pylist(rows())
    extra = table.append_column("__index_level_0__", pa.array(range(len(table))))
    pq.write_table(extra, tmp_path / "p.parquet")
    with pa.output_stream(tmp_path / "p.csv.gz", compression="gzip") as out:
        csv.write_csv(table, out)

    for name in ("p.parquet", "p.csv.gz"):
        assert len(read(tmp_path / name, "holdout").probes) == 2


def test_several_batches_are_one_file(tmp_path, monkeypatch):
    """Cutting the reading into small batches changes nothing."""
    from underspec.data.predictions import files

    listed = rows(probes=("holdout", *(f"p{at}" for at in range(700))))
    path = save(tmp_path / "p.csv", listed)
    whole = read(path, "holdout")
    monkeypatch.setattr(files, "_BLOCK", 2000)
    small = read(path, "holdout")
    for one, other in zip(small.probes, whole.probes, strict=True):
        np.testing.assert_array_equal(one.predictions.answers, other.predictions.answers)
    listed[4001]["label"] = "dog"
    refused(save(path, listed), "example 'i3' of probe 'p665' has the label 'dog' for variant 'b'")


@pytest.mark.parametrize(
    ("column", "pattern"),
    [
        ("probe", "lacks the column 'probe'. It has: variant, example, label, prediction"),
        ("label", "lacks the column 'label': every metric needs the true class"),
        ("prediction", "must hold predictions in one form, .* but has none of them"),
    ],
)
def test_a_missing_column_is_named(file, column, pattern):
    """The error says which column is missing, in which file."""
    listed = [{k: v for k, v in row.items() if k != column} for row in rows()]
    refused(save(file, listed), pattern)


@pytest.mark.parametrize(
    ("column", "pattern"),
    [
        ("lable", "No column of the exchange format named 'lable'. Did you mean 'label'"),
        ("pair", "has the column 'pair' but not 'side': which two examples are a pair"),
        ("side", "has the column 'side' but not 'pair'"),
        ("score", "in one form, .* but has 'prediction' and 'score'"),
        ("score_", "No column of the exchange format named 'score_'"),
        ("source_", "No column of the exchange format named 'source_'"),
    ],
)
def test_a_column_that_does_not_belong_is_named(file, column, pattern):
    """Unknown, unsupported and contradicting columns are refused with a hint."""
    refused(save(file, rows(**{column: lambda p, v, e: 0.5})), pattern)


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (["score_0"], "has one class only, 'score_0'"),
        (["score_0", "score_2"], "has 2 score columns but lacks 'score_1'"),
        (["score_1", "score_2"], "lacks 'score_0'.*from 'score_0' to 'score_1'"),
    ],
)
def test_score_columns_must_run_from_0(file, names, pattern):
    """A gap in the score columns would shift classes."""
    listed = [
        {**{k: v for k, v in row.items() if k != "prediction"}, **dict.fromkeys(names, 0.5)}
        for row in rows()
    ]
    refused(save(file, listed), pattern)


def test_the_holdout_must_be_named_and_known(file):
    """Without a holdout, or with an unknown one, the probes are listed."""
    save(file, rows())
    refused(file, "No holdout: .* Probes: fog, holdout", holdout=None)
    refused(file, "No probe named 'holdot'. Did you mean 'holdout'", holdout="holdot")


def test_labels_that_do_not_match_are_named(file):
    """One label for an example, whatever the variant."""
    listed = rows()
    listed[4]["label"] = "cat"
    refused(
        save(file, listed),
        "example 'i2' of probe 'holdout' has the label 'cat' for variant 'b' but 'dog' elsewhere "
        r"\(rows that do not match: 1\)",
    )


def test_clusters_and_sources_that_do_not_match_are_named(file):
    """A cluster belongs to the example, a source to the variant."""
    refused(save(file, rows(cluster=lambda p, v, e: v)), "has the cluster 'b' for variant 'b'")
    refused(
        save(file, rows(source_init=lambda p, v, e: e)),
        "variant 'a' has source_init 'i1' in one row and 'i2' in another",
    )


def test_one_class_or_one_variant_is_not_enough(file):
    """Nothing can be told apart in a holdout of one class, or with one variant."""
    refused(
        save(file, rows(examples=("i1", "i3"))),
        "All 2 examples of the holdout 'holdout' have one class only, 'cat'",
    )
    refused(save(file, rows(variants=("a",))), "only one variant, 'a'")


def test_rows_that_repeat_are_counted(file):
    """A repeated row is named, with how many there are."""
    listed = rows()
    refused(
        save(file, [*listed, listed[7], listed[9]]),
        "2 rows repeat .* the first for probe 'fog', variant 'a', example 'i2'",
    )


def test_variants_that_lack_examples_are_named(file):
    """Every variant must have a prediction for every example of every probe."""
    refused(
        save(file, [row for at, row in enumerate(rows()) if at not in (9, 11, 4)]),
        "Variant 'b' lacks 1 of the 3 examples of probe 'holdout', such as 'i2'.*with 1 more",
    )


@pytest.mark.parametrize(
    ("score", "pattern"),
    [
        (float("nan"), "scores of 4 rows are no numbers, the first for probe 'holdout', variant 'a', example 'i2', .nan."),
        (float("inf"), "are no numbers"),
        (1.2, r"scores of 4 rows are not between 0 and 1, .* example 'i2', \[1.2\]: give probab"),
        (-0.1, "are not between 0 and 1"),
    ],
)  # fmt: skip
def test_scores_that_are_no_probabilities_are_named(file, score, pattern):
    """NaN and scores outside [0, 1] are refused with a count and the first row."""
    refused(save(file, scored([[0.5, score, 0.5]] * 2)), pattern)


def test_scores_must_sum_to_1_up_to_rounding(file):
    """A sum off by more than a thousandth is refused; less is rounding."""
    fine = [[(0.6004, 0.4), (0.3, 0.7), (1.0, 0.0)]] * 2
    assert len(read(save(file, scored(fine)), "holdout").probes) == 2
    off = [[(0.6, 0.4), (0.3, 0.69), (1.0, 0.0)]] * 2
    refused(
        save(file, scored(off)),
        r"scores of 4 rows do not sum to 1 over the classes, .* variant 'a', example 'i2', \[0.99\]",
    )


def test_labels_must_be_numbers_where_scores_are(file):
    """With score columns a label is the number of its class."""
    refused(
        save(file, scored([[0.5] * 3] * 2, labels=("no", "yes", "no"))),
        "label '(no|yes)' has no score: with 'score', labels must be class numbers from 0 to 1",
    )


def test_predictions_written_otherwise_than_labels_are_refused(file):
    """Predictions that share no class with the labels would all be wrong."""
    listed = rows()
    for row in listed:
        row["prediction"] = {"cat": "0", "dog": "1"}[row["prediction"]]
    refused(save(file, listed), "no prediction is among the labels; .* '0', labels such as 'cat'")


@pytest.mark.parametrize("column", ["probe", "variant", "example", "label", "prediction"])
@pytest.mark.parametrize("value", ["", None, "  "], ids=repr)
def test_a_missing_value_is_counted(file, column, value):
    """An empty cell in a column that needs one is refused with its row."""
    listed = rows()
    listed[5][column] = listed[9][column] = value
    refused(save(file, listed), f"the column '{column}' is empty in row 6 and 1 more")


@pytest.mark.parametrize(
    ("value", "pattern"),
    [("a\x1b[31m", "unprintable"), ("a" * 501, "text of 501 characters")],
    ids=["escape", "long"],
)
def test_names_that_would_spoil_a_terminal_are_refused(file, value, pattern):
    """Control characters and endless names are refused, and not printed."""
    listed = [{**row, "variant": row["variant"].replace("a", value)} for row in rows()]
    refused(save(file, listed), pattern)


def test_forms_may_not_be_mixed(tmp_path):
    """All files of an analysis give predictions in one form."""
    one = save(tmp_path / "1.csv", rows())
    other = save(tmp_path / "2.csv", scored([[0.5] * 3] * 2))
    refused([one, other], "as 'prediction', but .*2.csv' as 'score': use one form")


def test_files_that_are_no_tables_are_refused(tmp_path):
    """Absent, empty, cut short, not text, not separated by commas: one sentence each."""
    refused(tmp_path / "absent.csv", "There is no file '.*absent.csv'")
    refused(tmp_path, "is a folder")
    refused([], "No file of predictions was given")
    (tmp_path / "empty.csv").write_bytes(b"")
    refused(tmp_path / "empty.csv", "empty.csv' is empty")
    (tmp_path / "head.csv").write_text("probe,variant,example,label,prediction\n")
    refused(tmp_path / "head.csv", "head.csv' is empty")
    pq.write_table(pa.Table.from_pylist(rows()).slice(0, 0), tmp_path / "head.parquet")
    refused(tmp_path / "head.parquet", "is empty: it has columns but no rows")
    whole = save(tmp_path / "whole.parquet", rows()).read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "cut.parquet", "cut.parquet' cannot be read .* may be cut short")
    (tmp_path / "latin.csv").write_bytes("probe,variant,example,label,prediction\né,a,b,c,d".encode("latin1"))  # fmt: skip
    refused(tmp_path / "latin.csv", "latin.csv' cannot be read")
    (tmp_path / "semi.csv").write_text("probe;variant;example;label;prediction\na;b;c;d;e\n")
    refused(tmp_path / "semi.csv", "seems not to be separated by commas")
    (tmp_path / "twice.csv").write_text("probe,variant,example,label,label\na,b,c,d,e\n")
    refused(tmp_path / "twice.csv", "has the column 'label' twice")
    save(tmp_path / "words.csv", scored([["high"] * 3] * 2))
    refused(tmp_path / "words.csv", "words.csv' cannot be read .* 'high'")
    (tmp_path / "odd.csv").write_text("probe,variant,example,label,score\na,b,c,1\n")
    refused(tmp_path / "odd.csv", "odd.csv' cannot be read", holdout="a")


def test_columns_of_the_wrong_type_are_refused(tmp_path):
    """Lists are no text, text is no score."""
    listed = pa.Table.from_pylist([{**row, "variant": [row["variant"]]} for row in rows()])
    pq.write_table(listed, tmp_path / "lists.parquet")
    refused(
        tmp_path / "lists.parquet", "the column 'variant' holds .*list.*must be text or numbers"
    )
    words = scored([["high"] * 3] * 2)
    refused(save(tmp_path / "words.parquet", words), "'score' must hold numbers, but holds string")


def test_a_url_is_read_like_a_path(tmp_path):
    """Any fsspec URL will do."""
    import fsspec

    with fsspec.open("memory://tests/p.parquet", "wb") as out:
        out.write(save(tmp_path / "p.parquet", rows()).read_bytes())

    assert len(read("memory://tests/p.parquet", "holdout").probes) == 2
    refused("memory://tests/absent.parquet", "There is no file")


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_damaged_file_is_read_or_refused_but_never_breaks(tmp_path, data):
    """Cut or altered at any byte, a file gives predictions or one sentence."""
    suffix = data.draw(st.sampled_from([".csv", ".parquet"]))
    whole = bytearray(save(tmp_path / f"whole{suffix}", rows()).read_bytes())
    at = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        whole[at] = data.draw(st.integers(0, 255))
    else:
        del whole[at:]
    (tmp_path / f"p{suffix}").write_bytes(whole)
    try:
        got = read(tmp_path / f"p{suffix}", "holdout")
    except UsageError:
        return

    assert got.probes[0].title == "holdout"


def test_memory_holds_one_probe_at_a_time(tmp_path, monkeypatch):
    """Reading many probes, their rows mixed, takes a fraction of what all of them would."""
    import tracemalloc

    from underspec.data.predictions import files, spill

    probes, variants, n, c = 20, 5, 1000, 15
    whole = probes * variants * n * c * 4
    rows = np.arange(probes * variants * n)
    order = stream(0, "tests", "memory").generator().permutation(len(rows))
    columns = {
        "probe": pa.array(rows % probes),
        "variant": pa.array(rows // probes % variants),
        "example": pa.array(rows // probes // variants),
        "label": pa.array(rows // probes // variants % c),
        **{f"score_{k}": pa.array(np.full(len(rows), 1 / c, np.float32)) for k in range(c)},
    }
    table = pa.table(columns).take(order)
    pq.write_table(table, tmp_path / "p.parquet", row_group_size=2000)
    monkeypatch.setattr(files, "_CELLS", 20_000)
    monkeypatch.setattr(spill, "_IN_MEMORY", whole // 50)
    monkeypatch.setattr(spill, "_AT_ONCE", 500)
    read(tmp_path / "p.parquet", "0")
    tracemalloc.start()
    try:
        got = read(tmp_path / "p.parquet", "0")
        # What is known of examples stays; the predictions of all probes would come on top.
        known, reading = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        total = sum(probe.predictions.scores.nbytes for probe in got.probes)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert total == whole
    assert reading - known < whole / 2
    assert peak - known < whole / 4
