"""A study: recipe, what varies, what counts as near-equal, stress tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from underspec import choose, data, metrics, run, select, stress, train, vary
from underspec.choose._protocol import Chooser
from underspec.core.errors import UsageError
from underspec.core.events import Listener
from underspec.core.findings import Findings
from underspec.core.records import Task
from underspec.metrics._protocol import Metric
from underspec.run._protocol import Runner
from underspec.select._protocol import Selector
from underspec.select.epsilon import check_epsilon
from underspec.stress._protocol import Stress
from underspec.study.assess import Judging
from underspec.study.block import Source
from underspec.study.bounds import check_bounds, check_sizes
from underspec.study.canonical import describe
from underspec.study.choosable import named_rules, with_baseline
from underspec.study.measuring import named_metrics, suits
from underspec.study.spec import Spec, made, parse_spec, read_spec
from underspec.train._protocol import Trainer
from underspec.vary._protocol import Design
from underspec.vary.sources import Sources

__all__ = ["Recipe", "Study", "load_study", "written_study"]


@dataclass(frozen=True, eq=False)
class Recipe:
    """Everything that is held equal between variants.

    Attributes:
        trainer: who trains, such as ``underspec.train.get("sklearn", estimator=model)``.
        train: training examples, or a reader of them.
        holdout: held-out examples from the same distribution, or a reader of them.
    """

    trainer: Trainer
    train: Source
    holdout: Source


@dataclass(frozen=True, eq=False)
class Study:
    """What to find out about a recipe.

    Attributes:
        recipe: what is held equal.
        near_equal: pool rule, such as ``underspec.select.get("margin", epsilon=0.01)``.
        stress: stress tests, such as ``underspec.stress.get("contrast")``.
        variants: how many to train.
        vary: sources of variation: a name for a seed, ``{name: [values]}`` for values.
        design: how sources are assigned to variants: a name, or ``{name: {parameter: value}}``.
        name: what reports call the study.
        seed: root of all randomness.
        task: ``binary``, ``classification`` or ``regression``.
        metric: name of a metric, or a metric, or several: the first one selects and judges, the
            others are told beside it.
        max_drop: largest fall from the holdout that is still fine, in the metric's units; 0.05
            where None and the metric is a proportion.
        choose: a choice rule or its name, several, or rules by name; the first is the one asked for.
        models: whether trained models are stored.
        exhibits: whether the report shows examples; ``auto``: only images of bundled data.
        passed: the study file as it was written, where there is one.
    """

    recipe: Recipe
    near_equal: Selector
    stress: Sequence[Stress] = ()
    variants: int = 50
    vary: Sequence[str | Mapping[str, Sequence[Any]]] = ("init",)
    design: str | Mapping[str, Any] = "joint"
    name: str = "study"
    seed: int = 0
    task: Task = "classification"
    metric: str | Metric | Sequence[str | Metric] = "accuracy"
    max_drop: float | None = None
    choose: str | Chooser | Sequence[str | Chooser] | Mapping[str, Chooser] = ("minimax_regret",)
    models: Literal["keep", "discard"] = "keep"
    exhibits: Literal["auto"] | bool = "auto"
    passed: Mapping[str, Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.variants < 2:
            raise UsageError(
                f"A study compares variants, so it needs at least 2 (10 for a verdict on spread), got "
                f"{self.variants}."
            )
        for name, metric in self.metrics.items():
            suits(metric, name, self.task)
        check_epsilon(self.near_equal.epsilon, proportion=self.measure.proportion)
        check_bounds(self.measure, self.metric_name, self.near_equal.epsilon, self.max_drop)
        check_sizes(self.choosers, self.variants)
        # Here, so that a design that does not fit these sources costs nothing.
        self.assignment(self.variants, self.seed)
        vary.require(self.sources, self.recipe.trainer.sources, type(self.recipe.trainer).__name__)
        if self.max_drop is None and not self.measure.proportion:
            raise UsageError(
                f"The metric '{self.metric_name}' is no proportion, so max_drop has no default. Give the "
                "largest fall from the holdout that is still fine, in the metric's units."
            )

    @property
    def sources(self) -> Sources:
        """Source name to its values, None for seeds."""
        return vary.parse(self.vary)

    @property
    def metrics(self) -> dict[str, Metric]:
        """Name to metric, the first one first."""
        several = isinstance(self.metric, Sequence) and not isinstance(self.metric, str)
        return named_metrics(self.metric if several else [self.metric])  # type: ignore[arg-type,list-item]

    @property
    def measure(self) -> Metric:
        """The first metric."""
        return next(iter(self.metrics.values()))

    @property
    def metric_name(self) -> str:
        """The first metric's name."""
        return next(iter(self.metrics))

    @property
    def largest_drop(self) -> float:
        """The `max_drop` in force."""
        return 0.05 if self.max_drop is None else self.max_drop

    @property
    def assignment(self) -> Design:
        """The design with this study's sources."""
        name, parameters = _design(self.design)
        design: Design = made(vary, {name: {**parameters, "sources": dict(self.sources)}})
        return design

    @property
    def layout(self) -> Any:
        """The design as a study file would write it, with every default; without the sources."""
        ((name, parameters),) = describe(self.assignment, vary.registry).items()
        rest = {key: value for key, value in parameters.items() if key != "sources"}
        return {name: rest} if rest else name

    @property
    def choosers(self) -> dict[str, Chooser]:
        """Choice rules by name; the baseline is always among them."""
        return with_baseline(self.choose)

    def judging(self, classes: Sequence[str] = ()) -> Judging:
        """Return by what the predictions are judged.

        Args:
            classes: names of the classes, where they have names.
        """
        return Judging(
            name=self.name,
            task=self.task,
            metrics=self.metrics,
            selector=self.near_equal,
            max_drop=self.largest_drop,
            choosers=self.choosers,
            seed=self.seed,
            asked=self.variants,
            classes=tuple(classes),
        )

    def resolved(self) -> dict[str, Any]:
        """Return the study as a study file would write it, with every default."""
        table = {"train": train, "data": data, "stress": stress, "select": select}
        of = {name: module.registry for name, module in table.items()}
        described = [describe(metric, metrics.registry) for metric in self.metrics.values()]
        return {
            "schema": 1,
            "name": self.name,
            "seed": self.seed,
            "task": self.task,
            "metric": described if len(described) > 1 else described[0],
            "train": describe(self.recipe.train, of["data"]),
            "holdout": describe(self.recipe.holdout, of["data"]),
            "trainer": describe(self.recipe.trainer, of["train"]),
            "vary": {
                "sources": [s if v is None else {s: list(v)} for s, v in self.sources.items()],
                "design": self.layout,
            },
            "variants": self.variants,
            "near_equal": describe(self.near_equal, of["select"]),
            "stress": [describe(member, of["stress"]) for member in self.stress],
            "verdict": {"max_drop": self.largest_drop},
            "choose": [describe(rule, choose.registry) for rule in self.choosers.values()],
            "models": self.models,
            "exhibits": self.exhibits,
        }

    def run(
        self,
        out: str | Path,
        *,
        where: str | Runner = "processes",
        workers: int | Literal["auto"] = "auto",
        until: str = "report",
        accept_code_change: bool = False,
        verify: bool = False,
        listeners: Sequence[Listener] = (),
    ) -> Findings | None:
        """Run the study, or go on with it, and return its findings.

        Args:
            out: the study folder, a path or a URL.
            where: a runner or its name.
            workers: how many worker processes.
            until: stop after this stage: vary, train, stress, measure or report.
            accept_code_change: go on although the trainer's code has changed.
            verify: check every stored file against its checksum first.
            listeners: told of each event.

        Returns:
            The findings, None where `until` is before ``measure``.

        Raises:
            UsageError: the study or its data is wrong.
            StudyError: the folder belongs to another study, is broken, or cannot be written.
        """
        from underspec.study.pipeline import Options, run_study

        runner = (
            run.get(where, **({"workers": workers} if where == "processes" else {}))
            if isinstance(where, str)
            else where
        )
        return run_study(
            self, str(out), runner, Options(until, accept_code_change, verify), listeners
        )


def _design(written: str | Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return a design's name and parameters.

    Raises:
        UsageError: it is written otherwise.
    """
    name, parameters = (written, {}) if isinstance(written, str) else next(iter(written.items()))
    if not isinstance(parameters or {}, Mapping) or "sources" in (parameters or {}):
        raise UsageError(
            f"The design is a name, or a name with its parameters such as {{nested: {{inner: 5}}}}. Got "
            f"{written!r}."
        )
    return name, parameters or {}


def load_study(path: str | Path, sets: Sequence[str] = ()) -> tuple[Study, Spec]:
    """Return the study that a study file describes, and the file as checked.

    Args:
        path: the study file.
        sets: settings ``key=value`` that override it.

    Raises:
        UsageError: something in the file is wrong.
    """
    return written_study(read_spec(path, sets))


def written_study(passed: Mapping[str, Any]) -> tuple[Study, Spec]:
    """Return the study that the plain values of a study file describe, and the file as checked.

    Raises:
        UsageError: something in it is wrong.
    """
    spec = parse_spec(passed)
    rules = spec.choose if isinstance(spec.choose, list) else [spec.choose]
    study = Study(
        recipe=Recipe(
            trainer=made(train, spec.trainer),
            train=made(data, spec.train),
            holdout=made(data, spec.holdout),
        ),
        near_equal=made(select, spec.near_equal),
        stress=tuple(made(stress, one) for one in spec.stress),
        variants=spec.variants,
        vary=tuple(spec.vary.sources),
        design=spec.vary.design,
        name=spec.name,
        seed=spec.seed,
        task=spec.task,
        metric=[
            one if isinstance(one, str) else made(metrics, one)
            for one in (spec.metric if isinstance(spec.metric, list) else [spec.metric])
        ],
        max_drop=spec.verdict.max_drop,
        choose=named_rules(rules),
        models=spec.models,
        exhibits=spec.exhibits,
        passed=passed,
    )
    return study, spec
