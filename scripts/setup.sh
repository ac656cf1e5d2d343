#!/usr/bin/env bash
# Make .venv and install the project into it with the extras named; nothing outside .venv changes.
# Usage: scripts/setup.sh EXTRAS STAMP
set -euo pipefail
extras="$1" stamp="$2"
cd "$(dirname "$0")/.."

newest_python() {
  local name
  for name in python3.14 python3.13 python3.12 python3.11 python3 python; do
    if command -v "$name" >/dev/null 2>&1 &&
      "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  echo "No Python of 3.11 or newer with venv was found. Install one and run this again." >&2
  exit 1
}

if [ ! -x .venv/bin/python ]; then
  "$(newest_python)" -m venv .venv
fi
python=.venv/bin/python
"$python" -m pip install --quiet --disable-pip-version-check uv -c constraints.txt
# uv picks the PyTorch build that suits the machine (no CUDA where there is no GPU). Where its source
# of builds cannot be reached, pip takes whatever build pip is set up to find.
log=.venv/setup.log
if ! UV_HTTP_TIMEOUT=20 UV_HTTP_RETRIES=1 .venv/bin/uv pip install --quiet --python "$python" --torch-backend=auto \
  -c constraints.txt -e ".[$extras]" >"$log" 2>&1; then
  "$python" -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[$extras]"
fi
touch "$stamp"
