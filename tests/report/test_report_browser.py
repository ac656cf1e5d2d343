"""The page in a real browser: at desk and phone width, in light and dark, under its own policy."""

import base64
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.report.dossiers import realistic
from tests.report.pathologies import PATHOLOGIES
from underspec import report

pytestmark = pytest.mark.browser
MEASURE = Path(__file__).with_name("measure.js").read_text(encoding="utf-8")
FRAME = """<!DOCTYPE html><iframe src="page.html" width="{}" height="{}" style="border: 0"></iframe>
<script>addEventListener("message", (e) => {{ document.documentElement.dataset.measured = e.data; }});
</script>"""
SIZES = {"desk": (1280, 900), "phone": (390, 844)}
MAKERS = {make.__name__: make for make in (realistic, *PATHOLOGIES)}


@pytest.fixture(scope="session")
def browser():
    """The path of a Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def pages():
    """The pages by name, drawn once."""
    drawn = {}

    def page(name):
        if name not in drawn:
            drawn[name] = report.get("html")(MAKERS[name]())
        return drawn[name]

    return page


def _measured(browser, page, folder, size, dark=False):
    """Return what the page measures of itself, with its policy in force."""
    digest = base64.b64encode(hashlib.sha256(MEASURE.encode()).digest()).decode()
    copy = page.replace("script-src ", f"script-src 'sha256-{digest}' ", 1)
    copy = copy.replace(
        '<meta name="viewport"', f'<script>{MEASURE}</script><meta name="viewport"', 1
    )
    path = folder / "page.html"
    path.write_text(copy, encoding="utf-8")
    if size[0] < 500:
        path = folder / "frame.html"
        path.write_text(FRAME.format(*size), encoding="utf-8")
    command = [
        browser,
        "--headless",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        f"--user-data-dir={folder / 'profile'}",
        f"--window-size={max(size[0], 500)},{size[1]}",
        "--virtual-time-budget=3000",
        f"--blink-settings=preferredColorScheme={0 if dark else 1}",
        "--dump-dom",
        path.as_uri(),
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.insert(1, "--no-sandbox")
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    text = done.stdout.decode("utf-8")
    found = re.search(r'data-measured="([^"]*)"', text)

    assert found, f"the page did not measure itself: {text[:300]} {done.stderr[-300:]!r}"
    return json.loads(html.unescape(found[1]))


@pytest.mark.parametrize(
    ("name", "size"),
    [*((name, "phone") for name in MAKERS)]
    + [(name, "desk") for name in ("realistic", "big", "endless_names")],
)
def test_page_fits(browser, pages, tmp_path, name, size):
    """Nothing makes the page scroll sideways, nothing is cut off, no letter is under 12 pixels."""
    got = _measured(browser, pages(name), tmp_path, SIZES[size])

    assert got["width"] == SIZES[size][0]
    assert got["scroll"] <= got["width"]
    assert got["wide"] <= got["width"], "an opened row makes the page scroll sideways"
    assert got["clipped"] == []
    assert got["smallest"] >= 12
    assert got["violations"] == []


@pytest.mark.parametrize("size", SIZES)
def test_table_and_pictures_are_there(browser, pages, tmp_path, size):
    """The table has a row a probe and a size; every picture has one too."""
    got = _measured(browser, pages("realistic"), tmp_path, SIZES[size])

    assert got["rows"] == 41
    assert got["table"][0] > 300
    assert got["table"][1] > 1000
    assert len(got["pictures"]) > 80
    assert all(width > 0 and height > 0 for width, height in got["pictures"])


def test_rows_open_and_sort(browser, pages, tmp_path):
    """A row opens to its reason; a heading sorts: largest first, smallest first, as it was."""
    got = _measured(browser, pages("realistic"), tmp_path, SIZES["desk"])

    assert (got["closed"], got["open"]) == ("none", "table-row")
    assert got["because"].startswith("The gap of")
    first, largest, smallest, again = got["order"]
    assert (first, again) == ("holdout", "holdout")
    assert largest == "contrast, severity 5"
    assert smallest not in (first, largest)


def test_light_and_dark(browser, pages, tmp_path):
    """The page follows the system's theme, and the button turns it without a network."""
    (tmp_path / "light").mkdir()
    (tmp_path / "dark").mkdir()
    light = _measured(browser, pages("realistic"), tmp_path / "light", SIZES["desk"])
    dark = _measured(browser, pages("realistic"), tmp_path / "dark", SIZES["desk"], dark=True)

    assert light["before"] == "rgb(250, 249, 246)"
    assert dark["before"] == "rgb(19, 22, 26)"
    assert (light["after"], dark["after"]) == (dark["before"], light["before"])
    assert light["again"] == light["before"]
