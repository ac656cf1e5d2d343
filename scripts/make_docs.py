"""Write what is generated: JSON schemas in the package, and the reference pages in docs/."""

import io
import json
import runpy
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

from pydantic import TypeAdapter

from underspec.cli.listing import STAGES, list_
from underspec.core.findings import Findings
from underspec.study.spec import Spec

ROOT = Path(__file__).parent.parent
COMMANDS = (
    "demo",
    "run",
    "analyse",
    "report",
    "show",
    "choose",
    "compare",
    "gate",
    "list",
    "doctor",
)


def schemas() -> dict[str, str]:
    """Return file name to text of the published JSON schemas."""
    made = {"study": Spec.model_json_schema(), "findings": TypeAdapter(Findings).json_schema()}
    folder = "src/underspec/study/schemas"
    return {f"{folder}/{k}-1.json": json.dumps(v, indent=1) + "\n" for k, v in made.items()}


def members() -> str:
    """Return the page that lists every member with its parameters."""
    page = ["# Members", "", "What a study file can name. Printed by `underspec list STAGE`.", ""]
    for stage in STAGES:
        text = io.StringIO()
        with redirect_stdout(text):
            list_(stage)
        page += [f"## {stage}", "", "```", *text.getvalue().rstrip().splitlines()[1:], "```", ""]
    return "\n".join(page)


def commands() -> str:
    """Return the page with the help of every command."""
    page = ["# Command line", "", "Printed by `underspec COMMAND --help`.", ""]
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", "underspec", command, "--help"],
            capture_output=True,
            text=True,
            check=True,
            env={"COLUMNS": "100", "PATH": ""},
        )
        text = "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())
        page += [f"## {command}", "", "```", text, "```", ""]
    return "\n".join(page)


def gallery() -> str:
    """Return the page of image stress tests; its pictures are drawn by make_gallery.py itself."""
    pages = runpy.run_path(str(ROOT / "scripts/make_gallery.py"))
    text: str = pages["page"]()
    return text


def generated() -> dict[str, str]:
    """Return file name to text of everything generated."""
    return {
        **schemas(),
        "docs/members.md": members(),
        "docs/commands.md": commands(),
        "docs/stress.md": gallery(),
    }


if __name__ == "__main__":
    for name, text in generated().items():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(text)
        print(name)
