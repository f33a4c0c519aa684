#!/usr/bin/env bash
# Builds the preset coverage, runs its tests (arguments go to ctest: -L unit, -R core …) and prints the line
# coverage of every source file, by folder. Code in headers is counted nowhere: gcov reports it once per
# source that includes it.
set -euo pipefail
cd "$(dirname "$0")/.."

cmake --preset coverage
cmake --build --preset coverage
find build/coverage -name '*.gcda' -delete
ctest --preset coverage -j "$(nproc)" -LE 'exhaustive|campaign' "$@"

root=$PWD
report() {
  find "build/coverage/$1" -name '*.gcda' -print0 |
    xargs -0 -r gcov --no-output --relative-only --source-prefix "$root" 2>/dev/null |
    awk -v folder="$1" '
      /^File / { split($0, parts, "\x27"); file = index(parts[2], folder "/") == 1 ? parts[2] : "" }
      /^Lines executed:/ && file != "" && file !~ /\.(h|hpp)$/ {
        sub("Lines executed:", ""); split($0, numbers, "% of ")
        covered += numbers[1] * numbers[2] / 100; lines += numbers[2]
        printf "  %6.1f %% of %5d  %s\n", numbers[1], numbers[2], file
        file = ""
      }
      END { if (lines) printf "%6.1f %% of %d lines  %s\n", 100 * covered / lines, lines, folder }'
}
for folder in libinas-* apps firmware; do
  if [[ -d build/coverage/$folder ]]; then report "$folder"; fi
done
