"""Random words for many examples at once: the generator's own, and each example's alone."""

import hashlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from underspec.core.streams import stream
from underspec.core.words import words

KEY = stream(5, "noise")


def test_words_are_splitmix64():
    """Value by value against the generator as published, written with Python's integers."""
    mask = (1 << 64) - 1
    got = words(KEY, ["a", "b"], 6)
    for row, identity in zip(got, ("a", "b"), strict=True):
        state = hashlib.blake2b(KEY.seed(64).to_bytes(8, "little"), digest_size=8)
        state.update(identity.encode())
        at = int.from_bytes(state.digest(), "little")
        for word in row.tolist():
            at = (at + 0x9E3779B97F4A7C15) & mask
            z = ((at ^ (at >> 30)) * 0xBF58476D1CE4E5B9) & mask
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
            assert word == z ^ (z >> 31)


@given(st.lists(st.text(), min_size=1, max_size=8, unique=True), st.randoms())
def test_an_example_has_its_words_in_any_company(ids, random):
    """Order, number and company of the examples do not show, and a longer draw starts the same."""
    rows = dict(zip(ids, words(KEY, ids, 5), strict=True))
    shuffled = random.sample(ids, len(ids))
    for identity, row in zip(shuffled, words(KEY, shuffled, 3), strict=True):
        np.testing.assert_array_equal(row, rows[identity][:3])
    assert len({row.tobytes() for row in rows.values()}) == len(ids)


def test_bits_are_even_and_independent():
    """Each of the 64 bits is set half the time, and neighbours agree half the time."""
    ids = [str(i) for i in range(50)]
    bits = np.unpackbits(words(KEY, ids, 1000).view(np.uint8)).reshape(50, 1000, 64)
    bound = 5 * 0.5
    assert abs(bits.mean((0, 1)) - 0.5).max() < bound / np.sqrt(50_000)
    for one, other in (
        (bits[:-1], bits[1:]),
        (bits[:, :-1], bits[:, 1:]),
        (bits[..., :-1], bits[..., 1:]),
    ):
        assert abs((one == other).mean() - 0.5) < bound / np.sqrt(one.size)


def test_other_streams_have_other_words():
    """Two uses of the same example share nothing."""
    assert not (words(KEY, ["a"], 100) == words(stream(5, "other"), ["a"], 100)).any()
