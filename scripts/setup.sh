#!/usr/bin/env bash
# Installs the Debian packages that building and testing iNAS needs and that are missing, and those named as
# arguments. Running it again does nothing. Needs root, or sudo. `--list` prints the packages and installs
# nothing.
set -euo pipefail

packages=(
  g++ cmake ninja-build                                        # build tools
  clang                                                        # second compiler, and the device's
  lld llvm mspdebug                                            # firmware: linker, tools, simulator
  libtorch-dev libopenblas0-pthread                            # child training; without OpenBLAS ten times slower
  libeigen3-dev libboost-program-options-dev libfmt-dev nlohmann-json3-dev zlib1g-dev
  libtbb-dev                                                   # parallel exploration
  libsoci-dev libsqlite3-dev libpq-dev                         # the store of studies
  libonnx-dev libprotobuf-dev libonnx-testdata                # import of ONNX models, and its tests
  libjs-chart.js                                               # figures of the page of a study
  chromium poppler-utils fonts-dejavu-core                     # tests of that page
  libgtest-dev libbenchmark-dev                                # tests and benchmarks
  libsndfile1-dev                                              # sound files
  libsamplerate0-dev espeak-ng                                 # makers of synthetic sets, and their tests
  libxxhash-dev libpng-dev libturbojpeg0-dev libstb-dev        # hashes of data, images, and tests of them
  sqlite3 postgresql                                           # tests of the store
  dataset-fashion-mnist                                        # the default data set
)

if [[ "${1:-}" == --list ]]; then
  printf '%s\n' "${packages[@]}"
  exit 0
fi

packages+=("$@")

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "setup: this script installs Debian packages and finds no apt-get; needed: ${packages[*]}" >&2
  exit 2
fi

installed() { [[ "$(dpkg-query -W -f='${Status}' "$1" 2>/dev/null)" == "install ok installed" ]]; }

missing=()
for package in "${packages[@]}"; do
  installed "$package" || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  echo "setup: all ${#packages[@]} packages are installed"
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "setup: run as root or install sudo; missing: ${missing[*]}" >&2; exit 2; }
  as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1
}

echo "setup: updating the package lists"
run apt-get update || { tail -n 5 "$log" >&2; echo "setup: apt-get update failed" >&2; exit 1; }
echo "setup: installing ${#missing[@]} packages: ${missing[*]}"
if ! run apt-get install -y --no-install-recommends "${missing[@]}"; then
  # Together they failed: one by one shows which.
  for package in "${missing[@]}"; do
    if ! run apt-get install -y --no-install-recommends "$package"; then
      tail -n 5 "$log" >&2
      echo "setup: package $package could not be installed" >&2
      exit 1
    fi
  done
fi
echo "setup: done"
