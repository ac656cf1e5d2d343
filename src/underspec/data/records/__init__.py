"""Health records: tables of events to arrays of steps, and what the labels are made of.

`kdigo` finds acute kidney injury in series of creatinine, `windows` turns events into examples; the
readers of published layouts and the synthetic cohort share both.
"""

from underspec.data.records.kdigo import Staged as Staged
from underspec.data.records.kdigo import staged as staged
from underspec.data.records.windows import Events as Events
from underspec.data.records.windows import Stays as Stays
from underspec.data.records.windows import Windows as Windows

__all__ = ["Events", "Staged", "Stays", "Windows", "staged"]
