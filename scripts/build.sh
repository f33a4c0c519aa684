#!/usr/bin/env bash
# Sets up, configures and builds one preset: build.sh [PRESET] [CMake options …]. Default preset: release.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=release
if (($# > 0)) && [[ "$1" != -* ]]; then
  preset=$1
  shift
fi

scripts/setup.sh
cmake --preset "$preset" "$@"
cmake --build --preset "$preset"
