"""`underspec analyse --task regression`."""

from underspec.core.streams import stream


def table(path):
    """Write synthetic values of 10 models: targets under noise, more of it in the field."""
    draw = stream(0, "test", "analyse").generator()
    targets = draw.normal(50, 10, 60)
    lines = ["probe,variant,example,label,score,weight"]
    for probe, noise in (("test", 1.0), ("field", 3.0)):
        for variant in range(10):
            said = targets + noise * draw.normal(size=60)
            for at, (target, value) in enumerate(zip(targets, said, strict=True)):
                lines.append(f"{probe},m{variant},e{at:02d},{target},{value},{1 + at % 4}")
    path.write_text("\n".join(lines))
    return path


def test_values_are_analysed_where_the_task_is_said(underspec, tmp_path):
    """The table of values needs the task, a metric for it and a largest fall."""
    given = (
        "analyse",
        table(tmp_path / "p.csv"),
        *("--holdout", "test", "--epsilon", "2", "--out", tmp_path / "out", "--no-open"),
    )
    status, _, said = underspec(*given)
    assert status == 2
    assert "--task regression" in said
    status, _, said = underspec(*given, "--task", "regression")
    assert status == 2
    assert "metric 'accuracy' is for" in " ".join(said.split())
    status, out, _ = underspec(
        *given, "--task", "regression", "--metric", "abs_error", "--max-drop", "1"
    )
    assert status == 0
    assert "Abs error" in out
    assert "task: regression" in (tmp_path / "out/study.yaml").read_text()
