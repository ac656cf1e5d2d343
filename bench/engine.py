"""Our engine against plain PyTorch loops over the same models, data, steps and optimiser.

Three contenders train, and then predict with, as many models as there are workers:

  a  one model after another, PyTorch's default threads, a DataLoader: as it is mostly written
  b  the same with the tensors laid out beforehand: a careful plain loop
  us the trainer of this package, one process of one thread a core

All three have the same architectures, number of steps, batch, optimiser, schedule and precision;
none augments. a and b are handed standardised floats before the clock starts, ours converts bytes
under it. Runs are interleaved, so that a disturbance of the machine meets all of them; a
figure is the median over runs of the ratio within a run. `peak` is the share that our engine
reaches of the rate of one large matrix product in the same precision on all threads, measured here
too (a bf16 row by the bf16 rate).

    python bench/engine.py --runs 5                all models, training and prediction, both precisions
    python bench/engine.py --runs 1 --steps 8      a quick look
"""

import argparse
import json
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.flop_counter import FlopCounterMode

from underspec import data, train
from underspec.core.records import Data, Variant
from underspec.train.torch.build import factory_of
from underspec.train.torch.optim import factor
from underspec.train.torch.trainer import TorchTrainer

MODELS: dict[str, dict[str, Any]] = {
    "small_cnn": {},
    "small_cnn, pooled": {"pool": True},
    "small_resnet": {},
    "mlp": {},
}
CLASSES = 10
WARM_STEPS = 4


@dataclass(frozen=True)
class Row:
    """One line of the table; seconds are medians over runs, for all models together."""

    model: str
    work: str
    precision: str
    runs: int
    seconds_a: float
    seconds_b: float
    seconds_us: float
    times_a: float
    times_a_range: tuple[float, float]
    times_b: float
    times_b_range: tuple[float, float]
    peak_rate: float
    peak_share: float


@dataclass(frozen=True)
class Task:
    """What is trained or predicted."""

    model: str
    precision: str
    batch: int

    @property
    def trainer(self) -> TorchTrainer:
        """Our trainer of this task."""
        return train.get(  # type: ignore[return-value]
            "torch",
            model=self.model.partition(",")[0],
            model_parameters=MODELS[self.model],
            precision=self.precision,
            batch=self.batch,
            epochs=1,
            device="cpu",
        )


@contextmanager
def autocast(precision: str) -> Iterator[None]:
    """Compute in bf16 where asked to."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
        yield


def plain_model(task: Task, seed: int) -> torch.nn.Module:
    """Return the model as its factory gives it."""
    torch.manual_seed(seed)
    trainer = task.trainer
    module: torch.nn.Module = factory_of(trainer.model)(
        (1, 28, 28), CLASSES, **trainer.model_parameters
    )
    return module


def plain_train(
    task: Task,
    models: int,
    batches: Callable[[], Iterator[tuple[torch.Tensor, torch.Tensor]]],
    steps: int,
) -> list[torch.nn.Module]:
    """Train one model after another, as a tutorial would."""
    trainer = task.trainer
    trained = []
    for seed in range(models):
        model = plain_model(task, seed).train()
        rule = torch.optim.AdamW(
            model.parameters(), lr=trainer.learning_rate, weight_decay=trainer.weight_decay
        )
        for step, (x, y) in enumerate(batches()):
            for group in rule.param_groups:
                group["lr"] = trainer.learning_rate * factor(trainer.schedule, step, steps)
            rule.zero_grad()
            with autocast(task.precision):
                loss = cross_entropy(model(x), y)
            loss.backward()
            rule.step()
        trained.append(model.eval())
    return trained


def loader_batches(images: torch.Tensor, labels: torch.Tensor, batch: int) -> Any:
    """Return what starts an epoch of a DataLoader."""
    loader = DataLoader(TensorDataset(images, labels), batch_size=batch, shuffle=True)
    return lambda: iter(loader)


def tensor_batches(images: torch.Tensor, labels: torch.Tensor, batch: int) -> Any:
    """Return what starts an epoch over tensors that are ready."""

    def batches() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        order = torch.randperm(len(images))
        for start in range(0, len(images), batch):
            rows = order[start : start + batch]
            yield images[rows], labels[rows]

    return batches


def plain_predict(task: Task, models: list[torch.nn.Module], batches: Any) -> None:
    """Ask one model after another."""
    with torch.inference_mode(), autocast(task.precision):
        for model in models:
            torch.cat([model(x).float().softmax(dim=1) for (x, *_) in batches()])


def work(pipe: Connection) -> None:
    """Serve one worker, which has the data before the clock starts, as a and b have."""
    known: dict[str, Data] = pipe.recv()
    fitted: Any = None
    while (order := pipe.recv()) is not None:
        verb, task, name, seed = order
        if verb == "train":
            fitted = task.trainer.fit([Variant("v", {"init": seed, "order": seed})], known[name])
            assert not fitted.failed, fitted.failed
        else:
            fitted.predict(known[name].inputs)
        pipe.send("done")


class Workers:
    """One process a core, each of one thread, started once."""

    def __init__(self, count: int, known: dict[str, Data]) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipes, self.processes = [], []
        # Read by OpenMP and MKL when a child starts.
        before = os.environ.get("OMP_NUM_THREADS")
        os.environ["OMP_NUM_THREADS"] = "1"
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=work, args=(theirs,), daemon=True)
            process.start()
            ours.send(known)
            self.pipes.append(ours)
            self.processes.append(process)
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before

    def all(self, verb: str, task: Task, name: str) -> None:
        """Have every worker do one thing with the data of that name, and wait."""
        for seed, pipe in enumerate(self.pipes):
            pipe.send((verb, task, name, seed))
        for pipe in self.pipes:
            pipe.recv()

    def close(self) -> None:
        """End the processes."""
        for pipe in self.pipes:
            pipe.send(None)
        for process in self.processes:
            process.join()


def seconds(call: Callable[[], Any]) -> float:
    """Return the wall time of a call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def peak(precision: str) -> float:
    """Return the best rate of a matrix product, in operations a second."""
    size = 2048
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    a, b = torch.randn(size, size).to(dtype), torch.randn(size, size).to(dtype)
    torch.mm(a, b)
    return max(2 * size**3 / seconds(lambda: torch.mm(a, b)) for _ in range(4))


def operations(task: Task) -> int:
    """Return multiplications and additions of one example's forward pass."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        plain_model(task, 0).eval()(torch.zeros(1, 1, 28, 28))
    return int(counter.get_total_flops())


def head(examples: Data, rows: int) -> Data:
    """Return the first rows."""
    return examples.take(np.arange(min(rows, len(examples))))


def measure(task: Task, workers: Workers, known: dict[str, Data], runs: int) -> list[Row]:
    """Return the rows of one model and precision: training, then prediction."""
    count = len(workers.pipes)
    images, labels = tensors(known["train"])
    probe, probe_labels = tensors(known["holdout"])
    steps = -(-len(images) // task.batch)
    a = loader_batches(images, labels, task.batch)
    b = tensor_batches(images, labels, task.batch)
    probe_a = loader_batches(probe, probe_labels, 256)
    probe_b = tensor_batches(probe, probe_labels, 250)
    small = tensor_batches(*tensors(known["warm"]), task.batch)
    models = plain_train(task, count, small, WARM_STEPS)
    workers.all("train", task, "warm")
    workers.all("predict", task, "warm")
    times: dict[str, list[list[float]]] = {"train": [], "predict": []}
    rates = []
    for _ in range(runs):
        rates.append(peak(task.precision))
        once = [
            seconds(lambda: plain_train(task, count, a, steps)),
            seconds(lambda: plain_train(task, count, b, steps)),
            seconds(lambda: workers.all("train", task, "train")),
        ]
        times["train"].append(once)
        once = [
            seconds(lambda: plain_predict(task, models, probe_a)),
            seconds(lambda: plain_predict(task, models, probe_b)),
            seconds(lambda: workers.all("predict", task, "holdout")),
        ]
        times["predict"].append(once)
    forward = operations(task) * count
    # The backward pass costs twice the forward pass.
    done = {"train": 3 * forward * len(images), "predict": forward * len(probe)}
    return [row(task, verb, times[verb], rates, done[verb]) for verb in ("train", "predict")]


def row(task: Task, verb: str, times: list[list[float]], rates: list[float], done: int) -> Row:
    """Sum the runs up.

    Args:
        task: what was run.
        verb: train or predict.
        times: seconds of a, b and us, a run.
        rates: of a large matrix product, operations a second, a run.
        done: operations of all models together, a run.
    """
    by_a = [a / us for a, _, us in times]
    by_b = [b / us for _, b, us in times]
    middle = [statistics.median(column) for column in zip(*times, strict=True)]
    return Row(
        model=task.model,
        work=verb,
        precision=task.precision,
        runs=len(times),
        seconds_a=middle[0],
        seconds_b=middle[1],
        seconds_us=middle[2],
        times_a=statistics.median(by_a),
        times_a_range=(min(by_a), max(by_a)),
        times_b=statistics.median(by_b),
        times_b_range=(min(by_b), max(by_b)),
        peak_rate=statistics.median(rates),
        peak_share=statistics.median(
            done / us / rate for (_, _, us), rate in zip(times, rates, strict=True)
        ),
    )


def tensors(examples: Data) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what a plain loop has ready: standardised floats, channels first."""
    pixels = torch.from_numpy(examples.inputs.astype(np.float32)).permute(0, 3, 1, 2)
    # Written out: contiguous() would leave one channel as it is, which then counts as channels
    # last, a layout that plain loops do not use.
    images = torch.empty(pixels.shape).copy_(pixels)
    labels = torch.from_numpy(examples.labels.astype(np.int64))
    return images.sub_(images.mean()).div_(images.std()), labels


def head_line() -> None:
    """Print what the columns are."""
    print(f"{'model':18s} {'work':8s} {'prec':5s} {'a':>8s} {'b':>8s} {'us':>8s}"
          f" {'us vs a':>8s} {'(range)':>13s} {'us vs b':>8s} {'(range)':>13s} {'peak':>6s} {'of GFLOP/s':>10s}", flush=True)  # fmt: skip


def show(rows: list[Row]) -> None:
    """Print lines of the table."""
    for r in rows:
        ranges = [f"({low:.2f}-{high:.2f})" for low, high in (r.times_a_range, r.times_b_range)]
        print(f"{r.model:18s} {r.work:8s} {r.precision:5s} {r.seconds_a:7.2f}s {r.seconds_b:7.2f}s"
              f" {r.seconds_us:7.2f}s {r.times_a:7.2f}x {ranges[0]:>13s} {r.times_b:7.2f}x"
              f" {ranges[1]:>13s} {r.peak_share:6.0%} {r.peak_rate / 1e9:10.0f}", flush=True)  # fmt: skip


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5, help="interleaved runs of each row")
    parser.add_argument(
        "--steps", type=int, default=94, help="training steps a model, of one epoch at most"
    )
    parser.add_argument("--probe", type=int, default=5000, help="examples to predict")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--models", nargs="+", choices=sorted(MODELS), default=list(MODELS))
    parser.add_argument("--precisions", nargs="+", choices=["f32", "bf16"], default=["f32", "bf16"])
    parser.add_argument("--json", metavar="FILE", help="write the rows there as well")
    asked = parser.parse_args()
    examples = data.get("bundled", name="fashion_mnist", part="train")()
    holdout = data.get("bundled", name="fashion_mnist", part="holdout")()
    known = {
        "train": head(examples, asked.steps * asked.batch),
        "warm": head(examples, WARM_STEPS * asked.batch),
        "holdout": head(holdout, asked.probe),
    }
    workers = Workers(asked.workers, known)
    print(f"{asked.workers} models, {len(known['train'])} training examples each, "
          f"{len(known['holdout'])} to predict, {torch.get_num_threads()} threads for a and b, "
          f"PyTorch {torch.__version__}")  # fmt: skip
    print(f"load of the machine at the start: {os.getloadavg()[0]:.1f} (where other programs run, threads "
          f"that wait for each other make a and b many times slower: measure on an idle machine)")  # fmt: skip
    head_line()
    rows: list[Row] = []
    for precision in asked.precisions:
        for model in asked.models:
            task = Task(model, precision, asked.batch)
            made = measure(task, workers, known, asked.runs)
            show(made)
            rows += made
    workers.close()
    if asked.json:
        found = {"workers": asked.workers, "rows": [asdict(r) for r in rows]}
        Path(asked.json).write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
