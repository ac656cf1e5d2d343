"""The other implementations, where they are installed."""

import pytest
from bench.rival_client import WANTED, Rivals, installed


@pytest.fixture(scope="session")
def rivals():
    """The process in which the other implementations run."""
    if not installed():
        pytest.skip(WANTED)
    with Rivals() as running:
        yield running
