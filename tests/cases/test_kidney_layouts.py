"""The kidney case runs on the official layouts, here on small trees that the test writes."""

import numpy as np
import pyarrow as pa
import pytest
from tests.data.records import layouts

from underspec import cases
from underspec.cases.ready import ready

pytestmark = [pytest.mark.slow, pytest.mark.torch]

PATIENTS = 120
ERAS = ("2008 - 2010", "2011 - 2013", "2014 - 2016", "2017 - 2019", "2020 - 2022")
SMALL = [
    "variants=3",
    "vary.sources=[init, order]",
    "vary.design=joint",
    "trainer.torch.epochs=1",
    "trainer.torch.model_parameters.width=4",
]


def courses() -> list[list[float]]:
    """Return creatinine of five days; every third patient is injured on the fourth."""
    rng = np.random.default_rng(5)
    base = rng.uniform(0.6, 1.3, PATIENTS)
    return [[b, b, b * 1.05, b * (1.8 if k % 3 == 0 else 1), b] for k, b in enumerate(base)]


def mimic(root) -> str:
    """Write MIMIC-IV, with patients of all eras."""
    people = [(s, "FM"[s % 2], 40 + s % 45, ERAS[s % 5]) for s in range(1, PATIENTS + 1)]
    stays = [
        (s, s, 1000 + s, "2150-01-01 10:00:00", "2150-01-06 10:00:00", "MICU") for s, *_ in people
    ]
    rows = [
        (s, 50912, f"2150-01-0{day} 06:00:00", f"2150-01-0{day} 07:00:00", round(value, 2))
        for (s, *_), course in zip(people, courses(), strict=True)
        for day, value in enumerate(course, 1)
    ]
    return layouts.mimic(root, rows, stays, people)


def eicu(root) -> str:
    """Write eICU; the tree's two hospitals lie in the Midwest and, here, the West."""
    people = [
        (500 + k, "Female", str(40 + k % 45), (73, 99)[k % 2], "MICU", "10:00:00", 7200, f"p-{k}")
        for k in range(PATIENTS)
    ]
    rows = [
        (500 + k, day * 1440 - 200, "creatinine", round(value, 2), day * 1440 - 150)
        for k, course in enumerate(courses())
        for day, value in enumerate(course)
    ]
    path = layouts.eicu(root, rows, people)
    layouts.table(
        root / "hospital.csv.gz",
        layouts.EICU_HOSPITAL,
        [
            {
                "hospitalid": 73,
                "numbedscategory": ">= 500",
                "teachingstatus": "t",
                "region": "Midwest",
            },
            {"hospitalid": 99, "numbedscategory": "<100", "teachingstatus": "f", "region": "West"},
        ],
    )
    return path


def yaib(root) -> str:
    """Write YAIB's three files, with the columns of its kidney injury cohort that are read."""
    hours = 120
    stay = np.repeat(np.arange(PATIENTS), hours)
    time = np.tile(np.arange(hours), PATIENTS)
    crea = np.full(len(stay), np.nan)
    for k, course in enumerate(courses()):
        crea[k * hours + 6 : (k + 1) * hours : 24] = course
    names = ("bun", "k", "bicar", "na", "cl", "glu", "ca", "hgb", "plt", "wbc", "lact", "bili", "crp",
             "map", "hr", "urine")  # fmt: skip
    dynamic = {"stay_id": stay, "time": time, "crea": crea, **dict.fromkeys(names, crea * 10)}
    static = {
        "stay_id": np.arange(PATIENTS),
        "age": np.linspace(30, 85, PATIENTS),
        "sex": ["Male", "Female"] * (PATIENTS // 2),
    }
    return layouts.yaib(
        root,
        dynamic,
        static,
        {"stay_id": stay, "time": time, "label": pa.nulls(len(stay), pa.bool_())},
    )


@pytest.mark.parametrize("write", [mimic, eicu, yaib])
def test_a_layout_is_found_and_runs(write, tmp_path) -> None:
    """The folder tells its layout, and the study goes through to a report."""
    path = write(tmp_path / "data")
    found, made = ready(cases.get("kidney"), str(tmp_path / "out"), data=path, sets=SMALL)

    findings = made[0].study.run(tmp_path / "out", workers=2)

    assert found.name == {"mimic": "mimic_iv"}.get(write.__name__, write.__name__)
    assert findings.study.variants.trained == 3
    kinds = {probe.kind for probe in findings.probes}
    assert "contrastive" in kinds
    assert {"mimic": "later_years", "eicu": "region_west"}.get(write.__name__, "holdout") in {
        probe.name for probe in findings.probes
    }
    assert (tmp_path / "out" / "report.html").is_file()
