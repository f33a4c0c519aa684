#!/usr/bin/env bash
# Sets up, builds and runs all tests. Further arguments go to CMake's configure step.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/build.sh release "$@"
# One thread per test process: with more, OpenMP and OpenBLAS compete for the cores and slow down.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
# The exhaustive campaign of power failures is for `ctest --preset release -L exhaustive`.
ctest --preset release -j "$(nproc)" -LE exhaustive
