"""Kidney patients and very ill inpatients: the real data beside the synthetic cohort."""

from underspec.cases._protocol import Case

__all__ = ["CASE"]

CASE = Case(
    name="renal",
    title="Death in the very ill, and on dialysis",
    says="A model of one group of diseases meets the others; a model of dialysis patients is looked at centre by "
    "centre.",
    stand_in="Real data, not synthetic: SUPPORT2 and a dialysis register that a package ships, fetched by make "
    "data; one row a patient, so no course in time.",
    studies=("study", "dialysis"),
    quick=("quick",),
)
