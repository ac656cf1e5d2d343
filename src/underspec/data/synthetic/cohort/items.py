"""What is measured in the synthetic cohort: names, units and panels."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["BASIC_PANEL", "CHARTED", "ITEMS", "LABS", "PANELS", "UNITS"]

BASIC_PANEL = (
    "creatinine",
    "urea",
    "potassium",
    "bicarbonate",
    "sodium",
    "chloride",
    "glucose",
    "calcium",
)
"""The basic metabolic panel, drawn as one."""

PANELS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "basic": BASIC_PANEL,
        "blood_count": ("haemoglobin", "platelets", "white_cells"),
        "lactate": ("lactate",),
        "bilirubin": ("bilirubin",),
        "crp": ("crp",),
    }
)
"""What is ordered together; every draw has the basic panel."""

LABS = tuple(item for panel in PANELS.values() for item in panel)

CHARTED = ("blood_pressure", "heart_rate", "urine_output")
"""What nurses chart, whoever the patient is and however they are."""

ITEMS = LABS + CHARTED

UNITS: Mapping[str, str] = MappingProxyType(
    {
        "creatinine": "mg/dL",
        "urea": "mg/dL",
        "potassium": "mmol/L",
        "bicarbonate": "mmol/L",
        "sodium": "mmol/L",
        "chloride": "mmol/L",
        "glucose": "mg/dL",
        "calcium": "mg/dL",
        "haemoglobin": "g/dL",
        "platelets": "10^9/L",
        "white_cells": "10^9/L",
        "lactate": "mmol/L",
        "bilirubin": "mg/dL",
        "crp": "mg/L",
        "blood_pressure": "mmHg",
        "heart_rate": "1/min",
        "urine_output": "mL/h",
        "age": "years",
    }
)
"""Units of the columns; urea is urea nitrogen, blood pressure the mean arterial one."""
