#!/usr/bin/env bash
# Fetch the official Fashion-MNIST files from the Debian package and print the folder that holds them.
# Nothing is installed. Usage: scripts/fetch_fashion_mnist.sh
set -euo pipefail
package=dataset-fashion-mnist
cache="${XDG_CACHE_HOME:-$HOME/.cache}/underspec"
folder="$cache/$package/usr/share/datasets/fashion-mnist"

complete() {
  local name
  for name in train-images-idx3 train-labels-idx1 t10k-images-idx3 t10k-labels-idx1; do
    [ -f "$folder/$name-ubyte" ] || [ -f "$folder/$name-ubyte.gz" ] || return 1
  done
}

if ! complete; then
  for tool in apt-get apt-cache dpkg-deb; do
    if ! command -v "$tool" >/dev/null 2>&1; then
      echo "Fetching the Debian package $package needs $tool, which this machine lacks; run it on Debian or Ubuntu, or give scripts/make_fashion_mnist.py a folder of the four official files." >&2
      exit 1
    fi
  done
  mkdir -p "$cache"
  work="$(mktemp -d "$cache/fetch.XXXXXX")"
  trap 'rm -rf "$work"' EXIT
  if ! apt-cache show "$package" >/dev/null 2>&1; then
    if [ "$(id -u)" -eq 0 ]; then
      apt-get update >&2
    elif command -v sudo >/dev/null 2>&1; then
      sudo apt-get update >&2
    else
      echo "The package lists do not hold $package, and reading them anew needs root; run apt-get update as root, then this again." >&2
      exit 1
    fi
  fi
  # apt's download user may not write here, which it only warns about.
  (cd "$work" && apt-get download "$package" >&2)
  rm -rf "${cache:?}/$package"
  dpkg-deb -x "$work"/"$package"_*.deb "$work/tree"
  mv "$work/tree" "$cache/$package"
  if ! complete; then
    echo "The package $package does not hold the four files in usr/share/datasets/fashion-mnist; look into $cache/$package." >&2
    exit 1
  fi
fi
echo "$folder"
