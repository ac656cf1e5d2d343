"""What `check_stress` asks of contrastive stress tests, each broken in one way."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from underspec.core.records import Pairs
from underspec.stress.pairing import contrast
from underspec.testing import check_stress
from underspec.testing.stress import sample_images


@dataclass(frozen=True)
class Dim:
    """Darkens pictures, in one of several ways that are wrong."""

    wrong: str = ""
    kind: ClassVar[str] = "contrastive"
    graded: ClassVar[bool] = True

    def __call__(self, data, key, /):
        """Yield two degrees."""
        for severity in (1, 2):
            edited = data.inputs - data.inputs // (4 // severity)
            if self.wrong == "batch":
                edited = (edited - data.inputs.mean()).astype(np.uint8)
            if self.wrong == "grade" and severity == 2:
                edited = data.inputs - data.inputs // 8
            made = contrast(data, edited, name=f"dim-{severity}", family="dim", severity=severity)
            yield self._break(made, len(data))

    def _break(self, probe, n):
        held = probe.data
        if self.wrong == "reference":
            inputs = held.inputs.copy()
            inputs[0] = 255 - inputs[0]
            return replace(probe, data=held.with_inputs(inputs))
        if self.wrong == "label":
            labels = held.labels.copy()
            labels[n] = (labels[n] + 1) % 3
            return replace(probe, data=replace(held, labels=labels))
        if self.wrong == "group":
            site = held.groups["site"].copy()
            site[n] = "elsewhere"
            return replace(probe, data=replace(held, groups={"site": site}))
        if self.wrong == "swapped":
            return replace(probe, pairs=Pairs(probe.pairs.pair, 1 - probe.pairs.side))
        return probe


def test_a_sound_one_passes():
    """References as they are, edits graded, the same in any order."""
    check_stress(Dim(), sample_images(30))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("reference", "the references of 'dim-1' are not the examples of the data as they are"),
        ("label", "edits of 'dim-1' have other labels"),
        ("group", "edits of 'dim-1' have other labels, clusters, groups"),
        ("swapped", "has ids that the data lacks"),
        ("batch", "depend on the order, number or batch of the others"),
        ("grade", "a higher severity moves inputs further"),
    ],
)
def test_what_breaks_the_contract_is_told(wrong, why):
    """In one sentence."""
    with pytest.raises(AssertionError, match=why):
        check_stress(Dim(wrong), sample_images(30))
