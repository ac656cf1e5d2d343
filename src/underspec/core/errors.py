"""Errors that a user can act on: what happened, what was got, what is known, what to do."""

import difflib
from collections.abc import Iterable

__all__ = ["MissingExtraError", "StudyError", "UnderspecError", "UsageError", "one_of"]


class UnderspecError(Exception):
    """Base of all errors meant for the user; the command line prints them without traceback.

    Attributes:
        exit_code: exit status of the command line, 2 (called wrongly) or 3 (study broken).
    """

    exit_code = 2


class UsageError(UnderspecError):
    """The call, the study file or the input data is wrong; nothing was changed on disk."""


class MissingExtraError(UsageError):
    """An optional dependency is not installed; the message ends in the command to paste."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs the optional dependency '{extra}', which is not installed. "
            f"Install it: pip install 'underspec[{extra}]'"
        )


class StudyError(UnderspecError):
    """A study folder is broken, belongs to another study, or could not be written."""

    exit_code = 3


def one_of(what: str, got: object, known: Iterable[object], *, limit: int = 20) -> str:
    """Return one sentence saying that `got` is no known `what`, with the nearest name.

    Args:
        what: the kind of thing, such as ``"stress test"``.
        got: what the user wrote.
        known: every name that would have been right.
        limit: names listed at most; the rest is counted.
    """
    names = [str(name) for name in known]
    near = difflib.get_close_matches(str(got), names, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    shown = ", ".join(names[:limit]) + (
        f" and {len(names) - limit} more" if len(names) > limit else ""
    )
    return f"No {what} named '{got}'.{hint} Known: {shown or 'none'}."
