"""Packages as small as can be, in the layout of the real ones, and a cache of the test's own."""

import hashlib
import io
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from underspec.data.packaged import SETS, cache
from underspec.data.packaged.fetch import unpack

CODES = (
    "SCHL", "MAR", "RELP", "DIS", "ESP", "CIT", "MIG", "MIL", "ANC", "NATIVITY", "DEAR", "DEYE",
    "DREM", "SEX", "RAC1P",
)  # fmt: skip
NUMBERS = (
    "age", "num_co", "edu", "scoma", "hday", "sps", "surv2m", "surv6m", "meanbp", "wblc", "hrt",
    "resp", "temp", "pafi", "alb", "bili", "crea", "sod", "ph", "glucose", "bun", "urine", "adlp", "adls",
)  # fmt: skip


def _parquet(columns):
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def _factor(values):
    values = [str(value) for value in values]
    return pd.Categorical(values, pd.Index(sorted(set(values)), dtype=object))


def _census(year, first, n=60):
    people = np.arange(first, first + n)
    columns = {"id": people, "AGEP": (people * 7 % 90).astype(float)}
    for k, name in enumerate(CODES):
        codes = [str(v) for v in (people * (k + 3)) % (2 if name == "SEX" else 9) + 1]
        columns[name] = pa.array(codes).dictionary_encode()
    return {**columns, "employed": people % 2, "year": np.full(n, year), "prediction": people % 2,
            "predicted_probability": np.full(n, 0.5)}  # fmt: skip


def _support2(n=200):
    made = {"pid": np.arange(n), "event": np.arange(n) % 2, "time": 100 + np.arange(n) % 3 * 100}
    for k, name in enumerate(NUMBERS):
        made[f"num_{name}"] = np.arange(n) * 1.0 % (k + 5)
    made["num_glucose"] = np.where(np.arange(n) % 2, np.nan, 90.0)
    classes = ["ARF/MOSF", "COPD/CHF/Cirrhosis", "Cancer", "Coma"]
    for name, known in {
        "sex": ["male", "female"], "dzgroup": ["CHF", "Coma"], "dzclass": classes, "num_co": ["0", "1"],
        "race": ["white", "missing"], "diabetes": ["0", "1"], "dementia": ["0"], "ca": ["no", "metastatic"],
        "dnr": ["no dnr"], "sfdm2": ["missing"], "income": ["missing"],
    }.items():  # fmt: skip
        made[f"fac_{name}"] = _factor([known[i % len(known)] for i in range(n)])
    return pd.DataFrame(made, columns=pd.Index(list(made), dtype=object))


def _dialysis(n=120):
    made = {
        "pid": np.arange(n), "event": np.arange(n) % 2, "time": np.arange(n) % 30 + 1,
        "fac_center": _factor(100 + np.arange(n) % 3),
        "fac_disease": _factor([("hypert", "renal", "diabetes")[i % 3] for i in range(n)]),
        "num_age": np.arange(n) % 80 + 10, "num_begin": np.arange(n) % 44 + 1,
    }  # fmt: skip
    return pd.DataFrame(made, columns=pd.Index(list(made), dtype=object))


HEART = (
    "id,age,sex,dataset,cp,trestbps,chol,fbs,restecg,thalch,exang,oldpeak,slope,ca,thal,num\n"
    "1,63,Male,Cleveland,typical angina,145,233,TRUE,normal,150,FALSE,2.3,flat,0,normal,0\n"
    "2,67,Female,Cleveland,asymptomatic,0,286,FALSE,normal,108,TRUE,1.5,flat,3,normal,2\n"
    "3,41,Male,Switzerland,asymptomatic,120,0,,normal,,,0,,,,1\n"
    "4,50,Male,Hungary,asymptomatic,120,210,FALSE,,140,FALSE,0,,,,0\n"
)
THYROID = (
    "age,sex,on_thyroxine,query_on_thyroxine,on_antithyroid_meds,sick,pregnant,thyroid_surgery,"
    "I131_treatment,query_hypothyroid,query_hyperthyroid,lithium,goitre,tumor,hypopituitary,psych,"
    "TSH_measured,TSH,T3_measured,T3,TT4_measured,TT4,T4U_measured,T4U,FTI_measured,FTI,"
    "TBG_measured,TBG,referral_source,target,patient_id\n"
    "29,F,f,f,f,f,f,f,f,t,f,f,f,f,f,f,t,0.3,f,,f,,f,,f,,f,,other,-,840801013\n"
    "65526,M,t,f,f,f,f,f,f,f,f,f,f,f,f,f,t,0.3,f,,f,,f,,f,,t,11,SVI,S,840801014\n"
    "41,,t,f,f,f,f,f,f,f,f,f,f,f,f,f,f,,f,,f,,f,,f,,f,,SVI,-,840801015\n"
)


def bodies():
    """Return the files of each package."""
    later = [_census(year, 60 * k, 60) for k, year in enumerate((2016, 2017, 2018), 1)]
    analysis = {
        name: pa.chunked_array([pa.array(part[name]) for part in later]).combine_chunks()
        if name in CODES else np.concatenate([part[name] for part in later])
        for name in later[0]
    }  # fmt: skip
    # Out of order, so that only a join on the id puts labels where they belong.
    target = {"id": analysis["id"][::-1], "employed": analysis.pop("employed")[::-1]}
    return {
        "census": {
            "reference.pq": _parquet(_census(2015, 0)),
            "analysis.pq": _parquet(analysis),
            "analysis_target.pq": _parquet(target),
        },
        "survset": {
            "support2.parquet": pickle.dumps(_support2(), 5),
            "dialysis.parquet": pickle.dumps(_dialysis(), 5),
        },
        "heart_disease": {"heart_disease_uci.csv": HEART.encode()},
        "thyroid": {"thyroid.csv": THYROID.encode()},
    }


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """A package file for each set, the table of checksums that fits them, and an empty cache."""
    made, table = {}, {}
    for name, files in bodies().items():
        origin, path = SETS[name], tmp_path / f"{name}.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for file, body in files.items():
                archive.writestr(origin.members[file].inside, body)
        members = {
            file: replace(origin.members[file], sha256=hashlib.sha256(body).hexdigest())
            for file, body in files.items()
        }
        whole = hashlib.sha256(path.read_bytes()).hexdigest()
        table[name] = replace(origin, sha256=whole, members=members)
        made[name] = path
    monkeypatch.setattr(cache, "SETS", table)
    monkeypatch.setenv("UNDERSPEC_CACHE", str(tmp_path / "cache"))
    return made


@pytest.fixture
def filled(wheels, tmp_path):
    """The cache, with all sets in it."""
    for name, path in wheels.items():
        unpack(name, path)
    return tmp_path / "cache"
