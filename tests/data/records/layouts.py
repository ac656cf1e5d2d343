"""Small trees in the official layouts, written by the tests: columns and their order as published."""

import csv
import gzip

import pyarrow as pa
import pyarrow.parquet as pq

PATIENTS = "subject_id,gender,anchor_age,anchor_year,anchor_year_group,dod"
ADMISSIONS = (
    "subject_id,hadm_id,admittime,dischtime,deathtime,admission_type,admit_provider_id,"
    "admission_location,discharge_location,insurance,language,marital_status,race,edregtime,"
    "edouttime,hospital_expire_flag"
)
LABEVENTS = (
    "labevent_id,subject_id,hadm_id,specimen_id,itemid,order_provider_id,charttime,storetime,value,"
    "valuenum,valueuom,ref_range_lower,ref_range_upper,flag,priority,comments"
)
ICUSTAYS = "subject_id,hadm_id,stay_id,first_careunit,last_careunit,intime,outtime,los"
D_LABITEMS = "itemid,label,fluid,category"
LABELS = {
    50912: "Creatinine", 51006: "Urea Nitrogen", 50971: "Potassium", 50882: "Bicarbonate",
    50983: "Sodium", 50902: "Chloride", 50931: "Glucose", 50893: "Calcium, Total",
    51222: "Hemoglobin", 51265: "Platelet Count", 51301: "White Blood Cells", 50813: "Lactate",
    50885: "Bilirubin, Total", 50889: "C-Reactive Protein", 51484: "Ketone",
}  # fmt: skip
EICU_PATIENT = (
    "patientunitstayid,patienthealthsystemstayid,gender,age,ethnicity,hospitalid,wardid,"
    "apacheadmissiondx,admissionheight,hospitaladmittime24,hospitaladmitoffset,hospitaladmitsource,"
    "hospitaldischargeyear,hospitaldischargetime24,hospitaldischargeoffset,"
    "hospitaldischargelocation,hospitaldischargestatus,unittype,unitadmittime24,unitadmitsource,"
    "unitvisitnumber,unitstaytype,admissionweight,dischargeweight,unitdischargetime24,"
    "unitdischargeoffset,unitdischargelocation,unitdischargestatus,uniquepid"
)
EICU_LAB = (
    "labid,patientunitstayid,labresultoffset,labtypeid,labname,labresult,labresulttext,"
    "labmeasurenamesystem,labmeasurenameinterface,labresultrevisedoffset"
)
EICU_HOSPITAL = "hospitalid,numbedscategory,teachingstatus,region"


def table(path, header, rows, packed=True):
    """Write a table; rows name the columns they fill, the others stay empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = header.split(",")
    with (gzip.open if packed else open)(path, "wt", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def mimic(root, labs, stays=None, people=None):
    """Write MIMIC-IV: labs are (subject, itemid, charttime, storetime, value)."""
    people = people or [(1, "F", 70, "2008 - 2010"), (2, "M", 45, "2017 - 2019")]
    stays = stays or [
        (1, 11, 101, "2180-03-01 10:00:00", "2180-03-06 10:00:00", "Medical Intensive Care Unit (MICU)"),
        (2, 22, 202, "2125-07-09 22:30:00", "2125-07-12 12:00:00", "Trauma SICU (TSICU)"),
    ]  # fmt: skip
    table(
        root / "hosp" / "patients.csv.gz", PATIENTS,
        [{"subject_id": s, "gender": g, "anchor_age": a, "anchor_year": 2180, "anchor_year_group": y}
         for s, g, a, y in people],
    )  # fmt: skip
    table(
        root / "icu" / "icustays.csv.gz", ICUSTAYS,
        [{"subject_id": s, "hadm_id": h, "stay_id": n, "first_careunit": u, "last_careunit": u,
          "intime": i, "outtime": o, "los": 1.5} for s, h, n, i, o, u in stays],
    )  # fmt: skip
    table(
        root / "hosp" / "admissions.csv.gz", ADMISSIONS,
        [{"subject_id": s, "hadm_id": h, "admittime": i, "dischtime": o, "admission_type": "URGENT"}
         for s, h, n, i, o, u in stays],
    )  # fmt: skip
    table(
        root / "hosp" / "d_labitems.csv.gz", D_LABITEMS,
        [{"itemid": n, "label": t, "fluid": "Blood", "category": "Chemistry"} for n, t in LABELS.items()],
    )  # fmt: skip
    table(
        root / "hosp" / "labevents.csv.gz", LABEVENTS,
        [{"labevent_id": k, "subject_id": s, "specimen_id": k, "itemid": n, "charttime": c,
          "storetime": t, "value": v, "valuenum": v, "comments": 'two\nlines, "quoted"'}
         for k, (s, n, c, t, v) in enumerate(labs)],
    )  # fmt: skip
    return str(root)


def eicu(root, labs, people=None):
    """Write eICU: labs are (stay, offset, name, value, revised)."""
    people = people or [
        (501, "Female", "> 89", 73, "MICU", "08:30:00", 7000, "002-1"),
        (502, "Male", "41", 99, "CTICU", "23:00:00", 5000, "002-2"),
    ]
    table(
        root / "patient.csv.gz", EICU_PATIENT,
        [{"patientunitstayid": n, "gender": g, "age": a, "hospitalid": h, "unittype": u,
          "unitadmittime24": t, "unitdischargeoffset": o, "uniquepid": p}
         for n, g, a, h, u, t, o, p in people],
    )  # fmt: skip
    table(
        root / "hospital.csv.gz", EICU_HOSPITAL,
        [{"hospitalid": 73, "numbedscategory": ">= 500", "teachingstatus": "t", "region": "Midwest"},
         {"hospitalid": 99, "numbedscategory": "<100", "teachingstatus": "f", "region": "South"}],
    )  # fmt: skip
    table(
        root / "lab.csv.gz", EICU_LAB,
        [{"labid": k, "patientunitstayid": n, "labresultoffset": o, "labtypeid": 1, "labname": name,
          "labresult": v, "labresulttext": v, "labmeasurenamesystem": "mg/dL",
          "labresultrevisedoffset": r} for k, (n, o, name, v, r) in enumerate(labs)],
    )  # fmt: skip
    return str(root)


def yaib(root, dynamic, static, outcome):
    """Write YAIB's three files from columns."""
    root.mkdir(parents=True, exist_ok=True)
    for name, columns in (("dyn", dynamic), ("sta", static), ("outc", outcome)):
        pq.write_table(pa.table(columns), root / f"{name}.parquet")
    return str(root)
