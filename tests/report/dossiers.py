"""Made-up dossiers, realistic and pathological; all of this data is synthetic."""

import io
from dataclasses import replace
from statistics import fmean, stdev

import numpy as np
from PIL import Image

from underspec.core.findings import (
    Arbitrariness,
    Choice,
    CorruptionError,
    Findings,
    Gap,
    Interval,
    Intervals,
    Needs,
    Overdispersion,
    Pool,
    ProbeFinding,
    Ratio,
    Relation,
    Spread,
    StudyFacts,
    VariantCounts,
)
from underspec.core.streams import stream
from underspec.report import Dossier, Exhibit, VariantRow

HOLDOUT_SD, EPSILON, MAX_DROP = 0.0035, 0.01, 0.05
# Drop and true standard deviation at severity 5.
FAMILIES = {
    "contrast": (0.34, 0.055),
    "pixelate": (0.09, 0.031),
    "fog": (0.28, 0.018),
    "gaussian_blur": (0.16, 0.004),
    "gaussian_noise": (0.12, 0.012),
    "brightness": (0.02, 0.003),
    "jpeg_compression": (0.015, 0.0075),
}
GROUPS = ("T-shirt", "Shirt", "Coat", "Sneaker", "Ankle boot")
CLASSES = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker")


def realistic(variants=50, severities=(1.0, 2.0, 3.0, 4.0, 5.0), groups=GROUPS, exhibits=16):
    """Return a dossier of `variants` variants and, by default, 41 probes."""
    ids = [f"v{at:03d}" for at in range(variants)]
    draw = stream(1, "dossier").generator()
    skill = draw.normal(0, 1, variants)
    failed = ids[7:8] if variants > 10 else []
    trained = [one for one in ids if one not in failed]
    dropped = dict.fromkeys(ids[11::9], "0.021 below the best on the deciding half, more than 0.01")
    kept = tuple(one for one in trained if one not in dropped)
    scores, probes = {}, []
    table = [("holdout", "", "holdout", "holdout", None, 0.0, HOLDOUT_SD)]
    for family, (drop, spread) in FAMILIES.items():
        table += [
            (f"{family}-{s:.0f}", f"{family.replace('_', ' ')}, severity {s:.0f}", "shifted", family,
             s, drop * (s / 5) ** 1.4, HOLDOUT_SD + (spread - HOLDOUT_SD) * (s / 5) ** 2)
            for s in severities
        ]  # fmt: skip
    table += [
        (f"class-{at}", f"class = {group}", "stratified", "class", None, 0.22 if group == "Shirt" else -0.03,
         0.016 if group == "Shirt" else 0.005)
        for at, group in enumerate(groups)
    ]  # fmt: skip
    own = {family: draw.normal(0, 1, variants) for family in (*FAMILIES, "class", "holdout")}
    for name, title, kind, family, severity, drop, sigma in table:
        effect = 0.3 * skill + 0.85 * own[family] + 0.3 * draw.normal(0, 1, variants)
        noise = 0.0030 if kind != "stratified" else 0.008
        value = 0.905 - drop + sigma * effect + noise * draw.normal(0, 1, variants)
        scores[name] = {one: float(v) for one, v in zip(ids, value, strict=True) if one in trained}
        probes.append(_probe(name, title, kind, family, severity, drop, sigma, noise,
                             [scores[name][one] for one in kept], scores["holdout"]))  # fmt: skip
    arbitrary = tuple(
        Arbitrariness(p.name, 0.05 + p.spread.true * 4, 0.22 + p.spread.true * 6,
                      0.06 + p.spread.true * 5, 0.95 - p.spread.true * 4, len(kept))
        for p in probes
    )  # fmt: skip
    findings = Findings(
        schema=1,
        intervals=Intervals(0.95, "variants and examples", "chi-square with kurtosis, jackknife"),
        study=StudyFacts("synthetic-demo", "classification", "accuracy", EPSILON, MAX_DROP, 0.0097,
                         VariantCounts(variants, len(trained), len(failed), len(kept))),
        pool=Pool(kept, dropped, 0.0021, "Observed within epsilon; not a certificate."),
        probes=tuple(probes),
        relations=_relations(probes, draw),
        arbitrariness=arbitrary,
        choices=(
            Choice("minimax_regret", kept[9:10], Interval(0.021, 0.009, 0.033), Interval(0.004, -0.006, 0.014), 10),
            Choice("medoid", kept[5:6], Interval(0.002, -0.007, 0.011), Interval(0.001, -0.009, 0.010), 10),
            Choice("random_pick", kept[:1], Interval(0.0, None, None), Interval(None, None, None), 10),
        ),
        recommended="minimax_regret",
        corruption_errors=(
            CorruptionError("imagenet_c-gen", None, False, {"contrast": 0.34, "fog": 0.28}, Interval(0.31, 0.30, 0.33),
                            Interval(0.21, 0.20, 0.23), Gap(0.012, 0.009, 0.017, "made up"),
                            "Over 10 of the 75 probes of the full set."),
        ),
        notes=("A kind of model rarer than 6 % may not be in this sample.",),
    )  # fmt: skip
    rows = tuple(
        VariantRow(one, {"init": str(1000 + at), "order": str(2000 + at), "augment": str(3000 + at)},
                   "failed" if one in failed else "trained", None if one in failed else 14.2,
                   "loss became NaN in epoch 2" if one in failed else None)
        for at, one in enumerate(ids)
    )  # fmt: skip
    return Dossier(
        findings=findings,
        variants=rows,
        scores=scores,
        exhibits=tuple(_exhibit(at, len(kept)) for at in range(exhibits)),
        study={
            "schema": 1, "name": "synthetic-demo", "seed": 20, "task": "classification",
            "trainer": {"torch": {"model": "small_cnn", "epochs": 5, "batch": 128}},
            "vary": {"sources": ["init", "order", "augment"], "design": "joint"},
            "near_equal": {"margin": {"epsilon": 0.01}},
        },
        environment={"python": "3.12.4", "numpy": "2.1.0", "torch": "2.6.0", "device": "cpu",
                     "determinism": {"algorithms": True, "threads": 1}},
        notices=("Made-up pictures, no licence.",),
        cost={"training seconds": 712.4, "prediction seconds": 98.1, "bytes on disk": 73400320},
        synthetic="made up for the tests of the report; no model was trained",
    )  # fmt: skip


def _probe(name, title, kind, family, severity, drop, sigma, noise, values, holdout):
    observed = stdev(values) if len(values) > 1 else 0.0
    squared = observed**2 - noise**2
    true = max(0.0, squared) ** 0.5
    gap, mean = true * 1.128, fmean(values) if values else 0.5
    parts, falls = gap * 0.75 > EPSILON, drop > MAX_DROP
    near = gap > 0.6 * EPSILON and not parts
    verdict = ("clean", "structural", "underspecified", "both")[2 * parts + falls]
    verdict = "yardstick" if kind == "holdout" else "undecided" if near and not falls else verdict
    return ProbeFinding(
        name=name, title=title, metric="accuracy", kind=kind, family=family, severity=severity,
        n=5000 if kind != "stratified" else 480, clusters=5000 if kind != "stratified" else 480,
        mean=Interval(mean, mean - 0.008, mean + 0.008),
        drop=Interval(drop, drop - 0.006, drop + 0.006),
        spread=Spread(observed, noise, true, squared, true * 0.8, true * 1.28,
                      max(0.0, squared) / max(observed**2, 1e-12),
                      "one variant holds over 40 % of it" if name == "contrast-5" else None),
        gap=Gap(gap, gap * 0.78, gap * 1.25, "gini, noise extrapolated"),
        ratio=Ratio(true / HOLDOUT_SD, true / HOLDOUT_SD * 0.7, true / HOLDOUT_SD * 1.5, 1.0 + drop, "all trained"),
        overdispersion=Overdispersion(1 + squared * 1e5, 0.0004, 0.001),
        flips=None,
        drop_verdict="yes" if falls else "no",
        spread_verdict="unknown" if near else "yes" if parts else "no",
        p=0.0002 if parts else 0.4, p_adjusted=0.0009 if parts else 0.5, verdict=verdict,
        other="undecided" if near and falls else None,
        because=f"The gap of {gap * 100:.1f} points stands beside a margin of 1.0, "
                f"and accuracy is {drop * 100:.1f} points below the holdout.",
        needs=Needs(110, 12000) if near else None, power=0.86,
    )  # fmt: skip


def _relations(probes, draw):
    out = []
    for at, a in enumerate(probes):
        for b in probes[at + 1 :]:
            noisy = min(a.spread.reliability, b.spread.reliability) < 0.6
            rho = float(
                np.clip((0.75 if a.family == b.family else 0.1) + draw.normal(0, 0.2), -1, 1)
            )
            empty = Interval(None, None, None)
            real = Interval(rho, max(-1.0, rho - 0.3), min(1.0, rho + 0.3))
            out.append(
                Relation(a.name, b.name, empty if noisy else real, empty if noisy else real,
                         rho * 0.8, rho * 0.8, 0.7, None if noisy else 0.01,
                         None if noisy else (0.02 if abs(rho) > 0.5 else 0.3),
                         "too noisy" if noisy else None)
            )  # fmt: skip
    return tuple(out)


def _exhibit(at, kept):
    first = kept * (5 + at % 3) // 12
    votes = {
        CLASSES[at % 8]: first,
        CLASSES[(at + 2) % 8]: kept - first - 3,
        CLASSES[(at + 5) % 8]: 3,
    }
    return Exhibit(
        probe=f"{list(FAMILIES)[at % 7]}-5", example=f"holdout-{97 * at % 5000:05d}",
        label=CLASSES[(at + 2) % 8], votes=votes, clean_votes={CLASSES[(at + 2) % 8]: kept},
        png=picture(at, faint=True), clean_png=picture(at),
    )  # fmt: skip


def picture(at, faint=False, side=28):
    """Return a small made-up grey picture as PNG bytes."""
    y, x = np.mgrid[0:side, 0:side] / side - 0.5
    shape = np.clip(1.2 - 4 * np.hypot(x * (1 + at % 3), y * (1 + at % 2)), 0, 1)
    shape *= 0.75 + 0.25 * np.sin((3 + at) * (x + y) * 6)
    grey = (0.4 + 0.12 * shape if faint else shape) * 255
    stream_ = io.BytesIO()
    Image.fromarray(grey.astype(np.uint8)).save(stream_, "PNG")
    return stream_.getvalue()


def without(dossier, **changes):
    """Return a dossier with other findings."""
    return replace(dossier, findings=replace(dossier.findings, **changes))
