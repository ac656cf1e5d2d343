"""One HTML file that needs nothing else: no network, no fonts, no other file."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from underspec.core.errors import UsageError
from underspec.report._protocol import Dossier
from underspec.report.html.page import context
from underspec.report.shown import plain

__all__ = ["Html"]

# What a browser may do with the page: show its own style, run its own script, show its own
# pictures; and nothing that reaches out.
_POLICY = (
    "default-src 'none'; style-src '{style}'; script-src '{script}'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Html:
    """The report for readers, in light and dark, for screen, phone and paper.

    Attributes:
        pictures: at most so many bytes of exhibits' pictures, so that the file stays small.
    """

    pictures: int = 2_500_000

    def __post_init__(self) -> None:
        if self.pictures < 0:
            raise UsageError(
                f"The report 'html' got pictures={self.pictures}. Give bytes, 0 for no pictures."
            )

    @property
    def suffix(self) -> str:
        """File suffix without the dot."""
        return "html"

    def __call__(self, dossier: Dossier, /) -> str:
        """Return the page."""
        templates = _templates()
        style = templates.get_template("style.css").render()
        script = templates.get_template("script.js").render()
        page = templates.get_template("page.html").render(
            **context(dossier, self.pictures),
            # Both come from our own files and hold nothing of the dossier.
            style=Markup(style),  # noqa: S704
            script=Markup(script),  # noqa: S704
            policy=_POLICY.format(style=_hash(style), script=_hash(script)),
        )
        return page + "\n"


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("underspec.report.html", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _finalize(value: Any) -> Any:
    """Take unseen characters out of every text that reaches the page."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return plain(value, 4000)
    return value


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
