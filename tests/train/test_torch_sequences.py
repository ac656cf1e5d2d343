"""Records of steps with holes: what recurrent models see of them, and how they are scaled."""

import json

import numpy as np
import pytest

from underspec import train
from underspec.core.errors import UsageError
from underspec.core.records import Data, Variant
from underspec.core.streams import stream
from underspec.stress import get as get_stress
from underspec.testing.trainers import check_trainer, sparse_records

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from underspec.train.torch.representation import Moments  # noqa: E402
from underspec.train.torch.zoo.cells import SRU, UGRNN  # noqa: E402
from underspec.train.torch.zoo.recurrent import recurrent  # noqa: E402

CELLS = ("gru", "lstm", "sru", "ugrnn")
QUICK = {"batch": 16, "epochs": 6, "device": "cpu", "learning_rate": 0.03}

USER_CODE = """
import torch
from torch import nn

class Sums(nn.Module):
    def __init__(self, steps, columns, classes):
        super().__init__()
        self.steps, self.out = steps, nn.Linear(columns, classes)

    def forward(self, x):
        assert x.shape[1] == self.steps
        return self.out(x.nan_to_num().sum(dim=1))

def net(shape, classes):
    return Sums(*shape, classes)
"""


@pytest.fixture(scope="module")
def records():
    """Synthetic records of three classes, float32 [60, 8, 3]; the last column is all holes."""
    return sparse_records(60, steps=8)


def trainer_of(cell="gru", **parameters):
    inner = {"cell": cell, "width": 8, **parameters.pop("model_parameters", {})}
    return train.get(
        "torch", **{**QUICK, "model": "recurrent", "model_parameters": inner, **parameters}
    )


@pytest.mark.parametrize(
    "parameters",
    [
        {"cell": "lstm", "model_parameters": {"layers": 2, "dropout": 0.1}},
        {"cell": "gru", "precision": "bf16"},
        {"cell": "ugrnn"},
        {"cell": "sru", "representation": "unit", "model_parameters": {"layers": 2}, "epochs": 9},
    ],
    ids=["lstm", "gru", "ugrnn", "sru"],
)
def test_each_cell_conforms(parameters, records):
    """Bit for bit: alone as in a block, whatever the order, saved and loaded."""
    if parameters.get("representation") == "unit":
        shown = records.inputs - np.array([140, 0, 0], dtype=np.float32)
        records = records.with_inputs(shown)
    check_trainer(trainer_of(**parameters), records)


def test_a_hole_is_filled_with_the_last_value_and_flagged():
    """Before the first value stands the mean, which is 0 after scaling."""
    nan = torch.nan
    x = torch.tensor([[[nan, 5.0], [2.0, nan], [nan, nan], [3.0, 7.0]]])
    filled = recurrent((4, 2), 2)[0](x)

    assert filled[0].tolist() == [
        [0.0, 5.0, 0.0, 1.0],
        [2.0, 5.0, 1.0, 0.0],
        [2.0, 5.0, 0.0, 0.0],
        [3.0, 7.0, 1.0, 1.0],
    ]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_the_update_gate_cell_is_its_formula():
    """One example and one step at a time, as the paper writes it."""
    torch.manual_seed(0)
    cell = UGRNN(3, 4)
    x = torch.randn(2, 5, 3)
    w, b = cell.ahead.weight.detach().numpy(), cell.ahead.bias.detach().numpy()
    u = cell.back.weight.detach().numpy()
    with torch.inference_mode():
        got = cell(x).numpy()
    for example, states in zip(x.numpy(), got, strict=True):
        h = np.zeros(4)
        for step, state in zip(example, states, strict=True):
            g = sigmoid(w[:4] @ step + u[:4] @ h + b[:4])
            h = g * h + (1 - g) * np.tanh(w[4:] @ step + u[4:] @ h + b[4:])
            assert np.allclose(state, h, atol=1e-6)


@pytest.mark.parametrize("features", [3, 4])
def test_the_simple_unit_is_its_formula(features):
    """With the highway as it is where widths agree, through a map where they do not."""
    torch.manual_seed(0)
    cell = SRU(features, 4)
    x = torch.randn(2, 5, features)
    torch.nn.init.normal_(cell.bias)
    parts = cell.maps.weight.detach().numpy().reshape(-1, 4, features)
    v, b = cell.peephole.detach().numpy(), cell.bias.detach().numpy()
    with torch.inference_mode():
        got = cell(x).numpy()
    for example, outputs in zip(x.numpy(), got, strict=True):
        c = np.zeros(4)
        for step, output in zip(example, outputs, strict=True):
            f = sigmoid(parts[1] @ step + v[0] * c + b[0])
            r = sigmoid(parts[2] @ step + v[1] * c + b[1])
            c = f * c + (1 - f) * (parts[0] @ step)
            high = parts[3] @ step if features == 3 else step
            assert np.allclose(output, r * c + (1 - r) * np.sqrt(3) * high, atol=1e-6)


def test_columns_are_scaled_over_what_was_measured():
    """Of the rows that the variant is trained on, drawn twice or not at all."""
    rng = np.random.default_rng(3)
    x = (rng.normal(size=(60, 7, 3)) * np.array([1, 50, 1e-3]) + np.array([0, 1e6, 5])).astype("f4")
    x[rng.random(x.shape) < 0.6] = np.nan
    rows = rng.integers(60, size=40)
    scaling = Moments(torch.from_numpy(x), holes=True).scaling("standard", rows, bytes_in=False)
    truth = x[rows].astype(np.float64)

    assert np.allclose(scaling.mean, np.nanmean(truth, axis=(0, 1)), rtol=1e-6)
    assert np.allclose(1 / scaling.inverse, np.nanstd(truth, axis=(0, 1)), rtol=1e-4)


def test_a_column_never_measured_in_training_moves_nothing(records):
    """Whatever a probe measures there: the weights of the column were never trained."""
    fitted = trainer_of().fit([Variant("v", {"init": 1})], records)
    probe = records.inputs.copy()
    probe[:, 3:, 2] = 1e4

    assert np.array_equal(fitted.predict(probe), fitted.predict(records.inputs))


def test_a_record_without_any_measurement_has_a_finite_answer(records):
    """Nothing is known of it; nothing breaks."""
    fitted = trainer_of("lstm").fit([Variant("v", {"init": 1})], records)
    empty = np.full((4, 8, 3), np.nan)

    assert np.isfinite(fitted.predict(empty)).all()


def test_the_cell_is_a_source_of_values(records):
    """Three cells in one study, each trained as by itself."""
    variants = [Variant(f"v-{cell}", {"init": 1}, {"cell": cell}) for cell in CELLS]
    scores = trainer_of().fit(variants, records).predict(records.inputs)
    alone = trainer_of("sru").fit([Variant("v", {"init": 1})], records).predict(records.inputs)

    assert np.array_equal(scores[2], alone[0])
    assert len({row.tobytes() for row in scores}) == 4
    with pytest.raises(UsageError, match="Did you mean 'gru'"):
        trainer_of().fit([Variant("v", {}, {"cell": "gruu"})], records)


def test_a_model_of_your_own_takes_records(tmp_path, records):
    """With layout: sequences its factory gets (steps, columns), and holes reach it as NaN."""
    path = tmp_path / "sums.py"
    path.write_text(USER_CODE)
    trainer = train.get("torch", model=f"{path}:net", layout="sequences", **QUICK)
    fitted = trainer.fit([Variant("v", {"init": 1})], records)

    assert not fitted.failed
    assert (fitted.predict(records.inputs).argmax(axis=2) == records.labels).mean() > 0.4


def test_stored_scalings_are_plain_json(records, tmp_path):
    """A column without a scale is null in the file, which any reader of JSON takes."""

    def refuse(word):
        raise AssertionError(word)

    trainer_of().fit([Variant("v", {"init": 1})], records).save(tmp_path)
    told = json.loads((tmp_path / "block.json").read_text(), parse_constant=refuse)

    assert told["models"][0]["inverse"][2] is None


@pytest.mark.parametrize(
    ("parameters", "inputs", "said"),
    [
        ({}, np.zeros((6, 8, 8, 1)), r"takes records .* Got shape \[6, 8, 8, 1\]"),
        ({}, np.zeros((6, 4)), r"takes records .* Got shape \[6, 4\]"),
        ({"representation": "bilinear-8"}, np.zeros((6, 4, 2)), "are no images"),
        ({"augment": "flip"}, np.zeros((6, 4, 2)), "augment is for images"),
        ({"model": "mlp", "model_parameters": {}}, np.full((6, 4, 2), np.nan), "model: recurrent"),
    ],
)
def test_what_does_not_fit_is_refused(parameters, inputs, said):
    """Records to a model of images or the reverse: one sentence, and no training."""
    ids = np.array(list("abcdef"))
    data = Data(inputs, np.arange(6, dtype=np.int32) % 2, ids, ids)
    trainer = train.get("torch", **{**QUICK, "model": "recurrent", **parameters})
    with pytest.raises(UsageError, match=said):
        trainer.fit([Variant("v", {"init": 1})], data)


def test_stress_tests_of_images_refuse_records(records):
    """They name the columns that they were given in place of pixels."""
    with pytest.raises(UsageError, match="records of named columns: value, noise"):
        list(get_stress("contrast")(records, stream(1, "x")))
