"""The command line's front door: runs a command, and turns errors into one sentence each."""

import errno
import signal
import sys
from types import FrameType

from underspec.core.errors import UnderspecError

__all__ = ["main"]


class _Stopped(BaseException):
    """Ctrl-C: not KeyboardInterrupt, which the command parser would answer by itself."""


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a signal handler
    raise _Stopped


def main() -> None:
    """Run the command line.

    Exit status: 0 it went well, 1 a gate fails, 2 called wrongly, 3 the study is broken, 130
    stopped by Ctrl-C.
    """
    from underspec.cli import app

    before = signal.signal(signal.SIGINT, _interrupt)
    try:
        app(prog_name="underspec")
    except UnderspecError as error:
        _stop(str(error), error.exit_code)
    except (_Stopped, KeyboardInterrupt):
        _stop("Stopped. What was finished is kept; run the same command to go on.", 130)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            _stop("No space left on the device; what was finished before is kept.", 3)
        _stop(_sentence(error), 2)
    finally:
        signal.signal(signal.SIGINT, before)


def _sentence(error: OSError) -> str:
    if error.filename is None:
        return str(error) or type(error).__name__
    return f"Cannot use {error.filename}: {error.strerror or type(error).__name__}."


def _stop(message: str, status: int) -> None:
    print(f"Error: {message}" if status != 130 else message, file=sys.stderr)
    sys.exit(status)


if __name__ == "__main__":
    main()
