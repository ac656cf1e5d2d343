"""Conformance checks that anyone can run on a member, and worlds whose answer is known.

A check raises AssertionError, in one sentence, where a member breaks its stage's contract.
"""

from underspec.testing.choose import check_chooser as check_chooser
from underspec.testing.metrics import check_metric as check_metric
from underspec.testing.reports import check_report as check_report
from underspec.testing.select import check_selector as check_selector
from underspec.testing.stress import check_stress as check_stress
from underspec.testing.trainers import check_trainer as check_trainer
