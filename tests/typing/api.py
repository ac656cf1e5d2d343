"""User code that must pass a strict type checker; it is checked, not run."""

import numpy as np

import underspec as us


def audit(inputs: np.ndarray[tuple[int, ...], np.dtype[np.float64]], labels: list[str]) -> str:
    """Audit a pipeline from Python, as the README shows it."""
    train = us.data.of(inputs[:800], labels[:800])
    holdout = us.data.of(inputs[800:], labels[800:], groups={"site": labels[800:]})
    study = us.Study(
        recipe=us.Recipe(
            trainer=us.train.get("sklearn", estimator="random_forest"), train=train, holdout=holdout
        ),
        near_equal=us.select.get("margin", epsilon=0.01),
        stress=[us.stress.get("by_group", column="site")],
        variants=50,
        vary=("init", {"sample": ["bootstrap"]}),
    )
    findings = study.run("runs/mine", where="processes", workers=2)
    if findings is None:
        return "unfinished"
    worst = max(findings.probes, key=lambda p: p.gap.value or 0.0)
    return f"{worst.name}: {worst.verdict}"


def judged_from_a_frame(frame: object) -> int:
    """Predictions that are there already."""
    return us.analyse(frame, holdout="test", epsilon=0.01, out="runs/existing").study.variants.kept
