"""A user's function as a stress test."""

import numpy as np
import pytest

from underspec import data, stress
from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy
from underspec.core.records import Probe
from underspec.core.streams import stream
from underspec.data.checksum import checksum
from underspec.stress.called import each_example
from underspec.testing.stress import check_stress, sample_images

KEY = stream(20, "stress")
SOURCE = sample_images(12)
CODE = """
import numpy as np
from underspec.core.records import Probe
from weather_beside import DROPS

def rain(image, severity, rng, colour=255):
    from weather_beside import DROPS as again
    assert again == DROPS
    rows, columns = (rng.integers(0, side, int(DROPS * severity)) for side in image.shape[:2])
    image[rows, columns] = colour
    return image

def halves(data, key, cut=0.5):
    middle = round(len(data) * cut)
    for name, rows in (("half-1", slice(0, middle)), ("half-2", slice(middle, None))):
        yield Probe(name, "stratified", "half", data.take(np.arange(len(data))[rows]))

def fails(image, severity, rng):
    raise RuntimeError("the user's own")

constant = 3
"""


@pytest.fixture
def path(tmp_path):
    """A user's file and what it imports from beside it."""
    (tmp_path / "weather.py").write_text(CODE)
    (tmp_path / "weather_beside.py").write_text("DROPS = 20\n")
    return str(tmp_path / "weather.py")


def dim(image, severity, rng):
    """Darken by up to `severity` quarters of the range, as the example's own stream says."""
    return (image * (1 - rng.random() * severity / 4)).astype(image.dtype)


def test_a_function_of_a_file_changes_one_example_at_a_time(path):
    """One probe a severity, named after the function, with its parameters."""
    test = stress.get("function", target=f"{path}:rain", severities=[1, 2.5])
    probes = list(test(SOURCE, KEY))
    assert [p.name for p in probes] == ["rain-1", "rain-2.5"]
    assert [p.severity for p in probes] == [1.0, 2.5]
    assert probes[0].title == "rain, severity 1"
    drops = [(p.data.inputs != SOURCE.inputs).sum(axis=(1, 2, 3)) for p in probes]
    assert (drops[0] > 0).all()
    assert (drops[0] <= 20).all()
    assert drops[1].mean() > 1.5 * drops[0].mean()
    dark = stress.get("function", target=f"{path}:rain", parameters={"colour": 0}, name="ink")
    (probe,) = dark(SOURCE, KEY)
    assert probe.name == "ink-1"
    assert (probe.data.inputs <= SOURCE.inputs).all()


@pytest.mark.parametrize("of", ["file", "object"])
def test_it_keeps_the_contract(path, of):
    """The example's own generator makes it independent of order, subset and batch."""
    target = f"{path}:rain" if of == "file" else dim
    check_stress(stress.get("function", target=target, severities=(1, 2)), SOURCE)


def test_the_data_stay_as_they_are(path):
    """A function that writes into its example writes into a copy."""
    before = checksum(SOURCE)
    list(stress.get("function", target=f"{path}:rain")(SOURCE, KEY))
    assert checksum(SOURCE) == before


def test_rows_of_a_table_are_examples_too():
    """An array [examples, columns] is changed row by row; other floats are taken over."""
    table = data.of(np.arange(12.0, dtype=np.float32).reshape(6, 2), [0, 1] * 3)
    (probe,) = stress.get("function", target=lambda row, severity, rng: row.astype(float) + 1)(
        table, KEY
    )
    assert probe.data.inputs.dtype == np.float32
    np.testing.assert_array_equal(probe.data.inputs, table.inputs + 1)


def test_a_function_may_make_whole_probes(path):
    """With form: probes it has the full contract, and its own names."""
    test = stress.get(
        "function", target=f"{path}:halves", form="probes", kind="stratified", parameters={"cut": 0.25}
    )  # fmt: skip
    probes = list(test(SOURCE, KEY))
    assert [(p.name, len(p.data)) for p in probes] == [("half-1", 3), ("half-2", 9)]


def test_fewer_examples_are_those_of_the_other_stress_tests():
    """`examples` takes the same ones as an image stress test with the same key."""
    (ours,) = stress.get("function", target=dim, examples=5)(SOURCE, KEY)
    theirs = next(iter(stress.get("contrast", examples=5)(SOURCE, KEY)))
    assert ours.data.ids.tolist() == theirs.data.ids.tolist()


class _Read:
    def __init__(self, images):
        self.images, self.shape, self.dtype = images, images.shape[1:], images.dtype

    def __len__(self):
        return len(self.images)

    def read(self, rows):
        return self.images[rows]

    def digest(self, rows):
        return str(rows.tolist())


def test_examples_read_when_needed_are_changed_when_needed():
    """Nothing but the first few is read before it is asked for, and then comes out the same."""
    calls = []

    def counted(image, severity, rng):
        calls.append(0)
        return dim(image, severity, rng)

    lazy = SOURCE.with_inputs(Lazy.of(_Read(SOURCE.inputs)))
    (probe,) = stress.get("function", target=counted, name="dim")(lazy, KEY)
    assert len(calls) == 3
    got = np.asarray(probe.data.inputs[3:5])
    assert len(calls) == 5
    (whole,) = stress.get("function", target=dim)(SOURCE, KEY)
    np.testing.assert_array_equal(got, whole.data.inputs[3:5])
    (harder,) = stress.get("function", target=counted, name="dim", severities=2)(lazy, KEY)
    assert checksum(harder.data) != checksum(probe.data)


NAN = np.float32("nan")


@pytest.mark.parametrize(
    ("wrong", "floats", "says"),
    [
        (
            lambda image, severity, rng: image[:-1],
            False,
            r"shape \[27, 28, 1\] for the example '00'",
        ),
        (lambda image, severity, rng: image / 2, False, "type float64 .* must return uint8"),
        (lambda image, severity, rng: image.astype("U9"), True, "type <U9"),
        (lambda image, severity, rng: None, True, "type object"),
        (lambda image, severity, rng: image * NAN, True, "not finite for the example '00'"),
    ],
)
def test_what_it_returns_is_checked(wrong, floats, says):
    """One sentence names the function and the example."""
    source = SOURCE.with_inputs((SOURCE.inputs / 255).astype(np.float32)) if floats else SOURCE
    with pytest.raises(UsageError, match=says) as told:
        list(stress.get("function", target=wrong, name="wrong")(source, KEY))
    assert "lambda" in str(told.value)


@pytest.mark.parametrize("lazy", [False, True])
def test_its_own_errors_say_where_they_are(path, lazy):
    """Function, example and line, before a probe is there, and so before anything is trained."""
    source = SOURCE.with_inputs(Lazy.of(_Read(SOURCE.inputs))) if lazy else SOURCE
    says = (
        r"weather\.py:fails' failed for the example '00' at severity 1: RuntimeError: the user's own "
        r"\(weather\.py, line 19\)\.$"
    )
    with pytest.raises(UsageError, match=says) as told:
        next(stress.get("function", target=f"{path}:fails")(source, KEY))
    assert isinstance(told.value.__cause__, RuntimeError)


def test_the_line_is_the_users_and_no_librarys():
    """Where a library that the function calls raises."""

    def wrong(image, severity, rng):
        return np.asarray(image).reshape(1, 2, 3) + np.concatenate([])

    with pytest.raises(UsageError, match=r"ValueError: .*\(test_function\.py, line \d+\)"):
        next(stress.get("function", target=wrong, name="wrong")(SOURCE, KEY))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda image, severity, rng: image[:-1],
        lambda image, severity, rng: image / 2,
        lambda image, severity, rng: None,
    ],
)
def test_wrong_results_are_found_on_inputs_read_when_needed(wrong):
    """When the probe is made, not when a model meets it."""
    lazy = SOURCE.with_inputs(Lazy.of(_Read(SOURCE.inputs)))
    with pytest.raises(UsageError, match="for the example '00', but must return"):
        next(stress.get("function", target=wrong, name="wrong")(lazy, KEY))


@pytest.mark.parametrize(
    ("target", "more", "says"),
    [
        (
            lambda image: image,
            {},
            r"takes \(image\), but is called with \(example, severity, rng\)",
        ),
        (dim, {"parameters": {"zz": 1}}, r"\(example, severity, rng, zz=1\): got an unexpected"),
        (lambda data: [], {"form": "probes", "name": None}, r"is called with \(data, key\)"),
    ],
)
def test_a_function_of_other_arguments_is_refused(target, more, says):
    """In one sentence that shows what it takes and what it is given."""
    with pytest.raises(UsageError, match=says):
        next(stress.get("function", **{"target": target, "name": "wrong", **more})(SOURCE, KEY))


def test_plugins_change_examples_the_same_way():
    """`each_example` is what `function` does, for stress tests of one's own."""
    key = KEY.child("dim", "2")
    (probe,) = stress.get("function", target=dim, severities=2)(SOURCE, KEY)
    assert checksum(each_example(SOURCE, dim, 2, key)) == checksum(probe.data)
    lazy = SOURCE.with_inputs(Lazy.of(_Read(SOURCE.inputs)))
    made = each_example(lazy, dim, 2, key).inputs
    assert isinstance(made, Lazy)
    np.testing.assert_array_equal(np.asarray(made), probe.data.inputs)
    with pytest.raises(UsageError, match="'dim' is to change one example at a time"):
        each_example(SOURCE.with_inputs([0] * len(SOURCE)), dim, 2, key)


def _named(name, kind="shifted"):
    return lambda data, key: iter([Probe(name, kind, "x", data)])


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (_named("Rain 3"), "names a probe 'Rain 3'"),
        (_named("rain-3", "stratified"), "of kind 'stratified'"),
        (lambda data, key: [data], "yielded Data"),
        (lambda data, key: None, "returned NoneType"),
    ],
)
def test_whole_probes_are_checked(target, says):
    """Names, kinds and types of what is yielded."""
    with pytest.raises(UsageError, match=says):
        list(stress.get("function", target=target, form="probes")(SOURCE, KEY))


def test_frames_are_for_whole_probes():
    """A data frame has no example to hand over one at a time."""
    pandas = pytest.importorskip("pandas")
    table = data.of(pandas.DataFrame({"a": ["x", "y"]}), [0, 1])
    with pytest.raises(UsageError, match=r"of type DataFrame\. Use form: probes"):
        list(stress.get("function", target=dim)(table, KEY))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"form": "rows"}, "No form named 'rows'"),
        ({"kind": "contrastive"}, "No kind named 'contrastive'"),
        ({"form": "probes", "name": "a"}, "leave name and severities out"),
        ({"form": "probes", "severities": 2}, "leave name and severities out"),
        ({"severities": ()}, "numbers from 0 on"),
        ({"severities": -1}, "numbers from 0 on"),
        ({"severities": float("inf")}, "numbers from 0 on"),
        ({"severities": ("a",)}, "numbers from 0 on; got .'a'"),
        ({"severities": "3"}, "numbers from 0 on; got .'3'"),
        ({"severities": (1, 1.0)}, "a name of its own"),
        ({"severities": (1.00000001, 1)}, "a name of its own"),
        ({"severities": 1e-9}, "dim-1e-09"),
        ({"name": "Rain"}, "small letters"),
        ({"examples": 0}, "at least 1"),
    ],
)
def test_parameters_are_checked(wrong, says):
    """One sentence a mistake."""
    with pytest.raises(UsageError, match=says):
        stress.get("function", target=dim, **wrong)


@pytest.mark.parametrize(
    ("name", "says"), [("rian", "Did you mean 'rain'"), ("constant", "is no function but a int")]
)
def test_what_is_not_there_is_said(path, name, says):
    """A name that the file lacks, or that is no function."""
    with pytest.raises(UsageError, match=says):
        list(stress.get("function", target=f"{path}:{name}")(SOURCE, KEY))
    with pytest.raises(UsageError, match="There is no file"):
        list(stress.get("function", target=f"nowhere.py:{name}")(SOURCE, KEY))
