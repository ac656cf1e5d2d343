"""A synthetic cohort of inpatients, some of whom come to acute kidney injury.

Physiology says what there is to measure, habits say when and what is measured; the dial turns habits
off.
"""

from underspec.data.synthetic.cohort.items import BASIC_PANEL as BASIC_PANEL
from underspec.data.synthetic.cohort.items import ITEMS as ITEMS
from underspec.data.synthetic.cohort.reader import SyntheticCohort as SyntheticCohort

__all__ = ["BASIC_PANEL", "ITEMS", "SyntheticCohort"]
