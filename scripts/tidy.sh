#!/usr/bin/env bash
# clang-tidy (.clang-tidy) on the sources of the folders given: tidy.sh [FOLDER …]. Without any, the floors below
# the explorer: the whole tree takes several times as long.
set -euo pipefail
cd "$(dirname "$0")/.."

folders=("$@")
if ((${#folders[@]} == 0)); then
  for folder in libinas-core libinas-execution libinas-costmodel; do
    if [[ -d $folder ]]; then folders+=("$folder"); fi
  done
fi
cmake --preset tidy -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ >/dev/null
find "${folders[@]}" -name '*.cpp' -print0 | sort -z |
  xargs -0 -n 1 -P "$(nproc)" clang-tidy -p build/tidy --quiet
