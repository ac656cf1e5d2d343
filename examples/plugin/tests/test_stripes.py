"""The plugin's stress test keeps the contract."""

from underspec_stripes import Stripes

from underspec.testing.stress import check_stress


def test_stripes_keep_the_contract() -> None:
    """All that a stress test promises, checked by what underspec ships for it."""
    check_stress(Stripes())
