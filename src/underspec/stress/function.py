"""A user's function as a stress test."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias, get_args

import numpy as np

from underspec.core.by_name import beside, imported
from underspec.core.errors import UsageError, one_of
from underspec.core.lazy import Lazy
from underspec.core.names import NAME, part
from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress._protocol import Stress
from underspec.stress.called import check_call, each_example
from underspec.stress.images.pictures import check_examples, chosen

__all__ = ["Function"]

Form: TypeAlias = Literal["example", "probes"]


@dataclass(frozen=True)
class Function(Stress):
    """Runs a function of the user's own: on one example at a time, or to make whole probes.

    With ``form: example`` it is called as ``function(example, severity, rng, **parameters)`` and
    returns the example changed, of the same shape and type: a picture [height, width, channels], or
    a row of an array. `rng` is a `numpy.random.Generator` that is the example's own; drawing from
    anything else makes a probe that cannot be made again. There is one probe a severity.

    With ``form: probes`` it is called as ``function(data, key, **parameters)`` and yields `Probe`
    records, under the contract of every stress test (`underspec.stress.Stress`).

    The file is the user's own code and runs with the user's rights.

    Attributes:
        target: ``file.py:function``, or, in Python, the function itself.
        parameters: keyword arguments of the function.
        form: ``example`` or ``probes``.
        name: of the probes, such as ``rain`` of ``rain-3``; the function's own where None.
        severities: numbers from 0, each a probe; for ``form: example``.
        kind: ``shifted`` or ``stratified``.
        examples: use so many examples, the same ones as image stress tests do; all where None.
    """

    modality: ClassVar[str] = "what the function takes"
    source: ClassVar[str] = "yours"
    target: str | Callable[..., Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    form: Form = "example"
    name: str | None = None
    severities: tuple[float, ...] = (1,)
    kind: Kind = "shifted"
    examples: int | None = None

    def __post_init__(self) -> None:
        if self.form not in get_args(Form):
            raise UsageError(one_of("form", self.form, get_args(Form)))
        if self.kind not in ("shifted", "stratified"):
            raise UsageError(one_of("kind", self.kind, ("shifted", "stratified")))
        if self.form == "probes" and (self.name is not None or self.severities != (1,)):
            raise UsageError(
                "With form: probes the function names its probes and their severities itself: leave "
                "name and severities out."
            )
        given: Any = self.severities
        severities = tuple(given) if isinstance(given, list | tuple) else (given,)
        if not all(isinstance(s, int | float) and not isinstance(s, bool) for s in severities):
            raise UsageError(f"Severities are numbers from 0 on; got {list(severities)}.")
        object.__setattr__(self, "severities", severities)
        names = [f"{self._family}-{severity:g}" for severity in severities]
        if not all(math.isfinite(s) and s >= 0 for s in severities) or not names:
            raise UsageError(f"Severities are numbers from 0 on; got {list(severities)}.")
        wrong = [name for name in names if not NAME.fullmatch(name)]
        if wrong or len(set(names)) < len(names):
            raise UsageError(
                f"Each severity needs a name of its own in six digits or fewer, and '{self._family}' a "
                f"name of small letters, digits and _; got {', '.join(wrong or names)}."
            )
        check_examples(self.examples)

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield the probes.

        Raises:
            UsageError: there is no such file or function, it takes other arguments, or it returns
                something else than asked for; with ``form: example`` also where it raises an error.
                With ``form: probes`` what it raises comes through.
        """
        function = self._function()
        source = chosen(data, self.examples, key)
        if self.form == "probes":
            yield from self._whole(function, source, key)
            return
        if not isinstance(source.inputs, np.ndarray | Lazy):
            raise UsageError(
                f"'{self._shown}' is to change one example at a time, which takes inputs in an array, but "
                f"they are of type {type(source.inputs).__name__}. Use form: probes."
            )
        for severity in self.severities:
            made = each_example(
                source,
                function,
                severity,
                key.child(self._family, f"{severity:g}"),
                parameters=self.parameters,
                shown=self._shown,
                file=self._file,
            )
            yield Probe(
                name=f"{self._family}-{severity:g}",
                kind=self.kind,
                family=self._family,
                severity=float(severity),
                data=made,
                title=f"{self._family.replace('_', ' ')}, severity {severity:g}",
            )

    def _whole(self, function: Callable[..., Any], data: Data, key: Stream) -> Iterator[Probe]:
        check_call(function, self._shown, ("data", "key"), self.parameters)
        with nullcontext() if self._file is None else beside(self._file):
            made = list(_yielded(function(data, key, **self.parameters), self._shown))
        for probe in made:
            if not NAME.fullmatch(probe.name):
                raise UsageError(
                    f"'{self._shown}' names a probe '{probe.name}': use small letters, digits and _, and "
                    "at most a hyphen with a severity behind it, such as rain-3."
                )
            if probe.kind != self.kind:
                raise UsageError(
                    f"'{self._shown}' made the probe '{probe.name}' of kind '{probe.kind}', but its stress "
                    f"test is '{self.kind}'. Say kind: {probe.kind}, or make it otherwise."
                )
            yield probe

    def _function(self) -> Callable[..., Any]:
        found = imported(self.target) if isinstance(self.target, str) else self.target
        if not callable(found):
            raise UsageError(f"'{self._shown}' is no function but a {type(found).__name__}.")
        function: Callable[..., Any] = found
        return function

    @property
    def _file(self) -> Path | None:
        return Path(self.target.rpartition(":")[0]) if isinstance(self.target, str) else None

    @property
    def _shown(self) -> str:
        if isinstance(self.target, str):
            return self.target
        return str(getattr(self.target, "__qualname__", type(self.target).__qualname__))

    @property
    def _family(self) -> str:
        if self.name is not None:
            return self.name
        return part(self._shown.rpartition(":")[2].rpartition(".")[2])


def _yielded(made: Any, shown: str) -> Iterator[Probe]:
    if not hasattr(made, "__iter__"):
        raise UsageError(
            f"'{shown}' returned {type(made).__name__}, but with form: probes it must yield Probe records."
        )
    for probe in made:
        if not isinstance(probe, Probe):
            raise UsageError(
                f"'{shown}' yielded {type(probe).__name__}, but must yield underspec.core.records.Probe."
            )
        yield probe
