"""Named streams: the same names give the same numbers, whatever else is drawn."""

import os
import pickle
import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from underspec.core.streams import deciding, stream

names = st.lists(st.one_of(st.text(), st.integers()), max_size=4)


@given(names, names)
def test_different_paths_are_different_streams(a, b):
    """Two paths share numbers only if they are the same path."""
    same = [(type(x), x) for x in a] == [(type(x), x) for x in b]
    assert (stream(1, *a).seed() == stream(1, *b).seed()) == same


def test_text_and_number_of_one_look_are_different():
    """The name 1 and the name "1" are two streams, as are ("a", "bc") and ("ab", "c")."""
    assert stream(0, 1).seed() != stream(0, "1").seed()
    assert stream(0, "a", "bc").seed() != stream(0, "ab", "c").seed()


@given(st.lists(st.text(min_size=1), min_size=1, max_size=8, unique=True), st.randoms())
def test_an_example_draws_the_same_in_any_order(ids, random):
    """What is drawn for an example depends on nothing but its id."""
    key = stream(5, "noise")
    first = {i: key.example(i).normal(size=3).tolist() for i in ids}
    shuffled = list(ids)
    random.shuffle(shuffled)

    assert {i: key.example(i).normal(size=3).tolist() for i in shuffled} == first


def test_half_drawn_bits_do_not_leak_into_the_next_example():
    """A 32-bit draw leaves half a word over; the next example starts clean."""
    key = stream(5, "noise")
    clean = key.example("b").integers(0, 2**32, dtype=np.uint32)
    key.example("a").integers(0, 2**32, dtype=np.uint32)

    assert key.example("b").integers(0, 2**32, dtype=np.uint32) == clean


def test_examples_are_uncorrelated():
    """Neighbouring ids give independent normals: the mean product is within five sigma of zero."""
    key = stream(7, "noise")
    draws = np.stack([key.example(f"{i}").normal(size=200) for i in range(200)])

    products = np.corrcoef(draws)[np.triu_indices(200, 1)]
    assert abs(products.mean()) < 5 / np.sqrt(200 * len(products))
    assert abs(products.std() * np.sqrt(200) - 1) < 0.05


def test_another_process_draws_the_same():
    """Neither the hash seed nor the process matters."""
    code = (
        "from underspec.core.streams import stream, deciding;"
        "print(stream(3, 'vary', 'init', 7).seed(), stream(3).example('x').random(),"
        "deciding(3, ['a', 'b', 'c', 'd']).tolist())"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    here = (
        f"{stream(3, 'vary', 'init', 7).seed()} {stream(3).example('x').random()} "
        f"{deciding(3, ['a', 'b', 'c', 'd']).tolist()}\n"
    )
    assert printed == {here}


def test_stream_survives_pickling():
    """A stream sent to a worker is the same stream."""
    key = stream(9, "a", 2)
    assert pickle.loads(pickle.dumps(key)).example("x").random() == key.example("x").random()


def test_halves_are_halves_and_belong_to_the_cluster():
    """About half of many clusters decide, and all rows of a cluster are in one half."""
    clusters = np.repeat([f"patient-{i}" for i in range(4000)], 2)
    half = deciding(11, clusters)

    assert (half[::2] == half[1::2]).all()
    assert abs(half.mean() - 0.5) < 5 * 0.5 / np.sqrt(4000)
    assert (deciding(12, clusters) != half).any()
