#!/usr/bin/env bash
# The main job from a fresh machine: sets up, builds, searches a network for a 5 mF device on Fashion-MNIST
# and shows what was found. Further arguments go to inas-search.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/build.sh release -DINAS_BUILD_TESTS=OFF -DINAS_BUILD_BENCH=OFF
build/release/bin/inas-search --settings configs/default.json "$@"
