"""Acute kidney injury from health records: does a model read the patient or the ward's habits?"""

from underspec.cases._protocol import Case, Layout

__all__ = ["CASE"]

CASE = Case(
    name="kidney",
    title="Acute kidney injury within 48 hours",
    says="Three recurrent cells learn from records; then the clock, the ward's day and what is ordered are changed.",
    stand_in="A synthetic cohort: simulated bodies, and blood drawn by the habits of a ward.",
    clean=("clean",),
    layouts=(
        Layout(
            "mimic_iv",
            ("hosp/labevents.csv*", "hosp/patients.csv*", "icu/icustays.csv*"),
            ("real_mimic_iv",),
            "MIMIC-IV",
        ),
        Layout(
            "eicu",
            ("patient.csv*", "hospital.csv*", "lab.csv*"),
            ("real_eicu",),
            "eICU Collaborative Research Database",
        ),
        Layout(
            "yaib",
            ("dyn.parquet", "outc.parquet", "sta.parquet"),
            ("real_yaib",),
            "the Parquet files of a YAIB cohort",
        ),
    ),
)
