#!/usr/bin/env bash
# Make .venv-rivals, which holds other people's implementations of the corruptions, to be compared with.
# They stay out of .venv because they bring numba and a second OpenCV. Does nothing where it is ready.
# Usage: scripts/setup_rivals.sh
set -euo pipefail
cd "$(dirname "$0")/.."
list=bench/rivals.txt venv=.venv-rivals

if cmp -s "$list" "$venv/installed.txt"; then
  exit 0
fi
if [ ! -x .venv/bin/python ]; then
  echo "Set up .venv first: make test does." >&2
  exit 1
fi
rm -rf "$venv"
.venv/bin/python -m venv "$venv"
echo '*' >"$venv/.gitignore"
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps -r "$list"
"$venv/bin/python" -W ignore -c 'import corrupt_tta, imagecorruptions, imgcorr'
cp "$list" "$venv/installed.txt"
