"""The page of measured differences is complete and of the packages that are pinned."""

import re

import pytest
from bench.rival_client import ROOT
from bench.rival_compare import DETERMINISTIC, RANDOM, SIDES
from bench.stress import CORRUPTIONS

PAGE = (ROOT / "docs" / "fidelity.md").read_text(encoding="utf-8")


def test_the_page_has_a_row_for_every_corruption_and_severity():
    """Deterministic ones have five rows, random ones five for each size."""
    assert sorted((*DETERMINISTIC, *RANDOM)) == sorted(CORRUPTIONS)
    ours = PAGE.split("## Random corruptions: the packages among themselves")[0]
    rows = re.findall(r"^\| (\w+) \| ([1-5]) \|", ours, re.MULTILINE)
    wanted = [(name, str(s)) for name in DETERMINISTIC for s in range(1, 6)]
    wanted += [(name, str(s)) for _ in SIDES for name in RANDOM for s in range(1, 6)]

    assert rows == wanted


@pytest.mark.parametrize("package", ["imagecorruptions-imaug", "corrupt-tta", "imgcorr"])
def test_the_page_is_of_the_packages_that_are_pinned(package):
    """The versions it names are those of bench/rivals.txt."""
    pinned = (ROOT / "bench" / "rivals.txt").read_text(encoding="utf-8")
    (number,) = re.findall(rf"^{package}==(\S+)$", pinned, re.MULTILINE)

    assert f"{package} {number}," in PAGE


def test_all_that_the_page_says_of_ours_is_within_the_bounds():
    """No row of ours is beyond what the tests allow."""
    ours = PAGE.split("## Random corruptions: ours")[1].split("## Random corruptions: the")[0]
    used = re.findall(r"^\| \w+ \| [1-5] \|.* (\d+\.\d\d) \|$", ours, re.MULTILINE)

    assert len(used) == len(RANDOM) * len(SIDES) * 5
    assert max(map(float, used)) <= 1
