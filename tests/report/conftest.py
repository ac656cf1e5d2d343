"""Dossiers for the tests of reports; all of this data is synthetic."""

import pytest

from tests.report.dossiers import realistic
from tests.report.pathologies import PATHOLOGIES


@pytest.fixture(scope="session")
def dossier():
    """Fifty variants over 41 probes."""
    return realistic()


@pytest.fixture(scope="session", params=PATHOLOGIES, ids=lambda make: make.__name__)
def odd(request):
    """A dossier that is short of something, too big or hostile."""
    return request.param()
