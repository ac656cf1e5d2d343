"""What is published is what the code says."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def generated():
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "scripts/make_docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.generated()


def test_generated_files_are_current():
    """Schemas and reference pages are what `make docs` writes now."""
    for name, text in generated().items():
        assert (ROOT / name).read_text() == text, f"{name} is out of date: run make docs"


@pytest.mark.parametrize(
    "page",
    ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))],
)
def test_links_between_pages_lead_somewhere(page):
    """Every relative link of a page is a file."""
    text = (ROOT / page).read_text()
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert ((ROOT / page).parent / link).exists(), f"{page} links to {link}"


def test_every_corruption_and_pose_is_shown():
    """The gallery has a section with a sheet for each image stress test that distorts."""
    from underspec import stress

    text = (ROOT / "docs/stress.md").read_text()
    distort = [
        m.name for m in stress.table() if ".images." in m.target and "suites" not in m.target
    ]
    assert len(distort) >= 25
    assert sorted(re.findall(r"^### (.*)$", text, re.MULTILINE)) == sorted(distort)
    for name in distort:
        sheet = ROOT / f"docs/stress/{name}.webp"
        assert sheet.stat().st_size > 5_000


def test_study_files_in_the_docs_are_read(tmp_path):
    """Each YAML block of the README that is a study file passes the checks."""
    import yaml

    from underspec.study.spec import parse_spec

    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    studies = [yaml.safe_load(b) for b in blocks if b.startswith("schema:")]
    assert studies
    for study in studies:
        parse_spec(study)


def test_source_files_are_short():
    """No source file is over 400 lines."""
    long = {
        p.relative_to(ROOT).as_posix(): n
        for p in (ROOT / "src").rglob("*.py")
        if (n := len(p.read_text().splitlines())) > 400
    }
    assert not long
