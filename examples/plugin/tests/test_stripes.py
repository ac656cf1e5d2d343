"""The plugin's stress test keeps the contract."""

import numpy as np
import pytest
from underspec_stripes import Stripes

from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy
from underspec.core.streams import stream
from underspec.testing.stress import check_stress, sample_images


def test_stripes_keep_the_contract() -> None:
    """All that a stress test promises, checked by what underspec ships for it."""
    check_stress(Stripes())


def test_so_many_tenths_of_the_rows_are_black() -> None:
    """In each picture."""
    data = sample_images(6)
    (probe,) = Stripes(severities=5)(data, stream(1, "stress"))  # type: ignore[arg-type]
    black = (probe.data.inputs == 0).all(axis=(2, 3))
    assert (black.sum(axis=1) >= data.inputs.shape[1] // 2).all()


class Counted:
    """Pictures that are read when needed, and count how many are."""

    def __init__(self, images: np.ndarray) -> None:
        self.images, self.shape, self.dtype, self.seen = images, images.shape[1:], images.dtype, 0

    def __len__(self) -> int:
        return len(self.images)

    def read(self, rows: np.ndarray) -> np.ndarray:
        """Return those at `rows`."""
        self.seen += len(rows)
        return self.images[rows]

    def digest(self, rows: np.ndarray) -> str:
        """Tell them apart by where they stand."""
        return str(rows.tolist())


def test_pictures_in_files_are_read_when_a_model_asks() -> None:
    """And then come out the same; a first few are tried."""
    data = sample_images(40)
    source = Counted(data.inputs)
    made = list(Stripes()(data.with_inputs(Lazy.of(source)), stream(1, "stress")))
    assert source.seen < 20
    for one, whole in zip(made, Stripes()(data, stream(1, "stress")), strict=True):
        np.testing.assert_array_equal(np.asarray(one.data.inputs), whole.data.inputs)


@pytest.mark.parametrize("wrong", [0, 10, 2.5, "3", True, None, (), (1, 1), (1, "a")])
def test_severities_are_whole_numbers_each_once(wrong: object) -> None:
    """One sentence says so."""
    with pytest.raises(UsageError, match="whole numbers from 1 to 9, each once"):
        Stripes(severities=wrong)  # type: ignore[arg-type]
