"""The order of the stages, identity, resume; the only place where a model meets a probe."""

from underspec.study.foreign import analyse as analyse
from underspec.study.foreign import analyse_files as analyse_files
from underspec.study.overview import forecast as forecast
from underspec.study.overview import limited as limited
from underspec.study.overview import progress as progress
from underspec.study.picks import export_pick as export_pick
from underspec.study.results import read_dossier as read_dossier
from underspec.study.results import read_findings as read_findings
from underspec.study.study import Recipe as Recipe
from underspec.study.study import Study as Study
from underspec.study.study import load_study as load_study
