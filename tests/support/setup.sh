# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The Kaopu authors
#
# What host/try and tests/run share: install what is missing, build, clean up after ourselves. Sourced by bash, not run.
# Says each step; safe to repeat; needs root or sudo only when a Debian package is missing.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
started_at=$SECONDS

step() { printf '\n[%4ds] %s\n' $((SECONDS - started_at)) "$*"; }
note() { printf '        %s\n' "$*"; }
fail() { printf '\nStopped: %s\n' "$1" >&2; [ $# -lt 2 ] || printf 'Next: %s\n' "$2" >&2; exit 1; }

build_packages=(g++ cmake ninja-build pkg-config nlohmann-json3-dev rapidjson-dev libpugixml-dev libre2-dev libsqlite3-dev libcurl4-openssl-dev
  libpsl-dev libidn2-dev libgumbo-dev libuchardet-dev libseccomp-dev libsodium-dev libxxhash-dev libssl-dev libmicrohttpd-dev libpq-dev libopendkim-dev libcli11-dev libvalijson-dev publicsuffix ca-certificates)
browser_packages=(fonts-noto-cjk fonts-dejavu-core openssl)
test_packages=(libgtest-dev libgmock-dev zip unzip strace util-linux nginx-light postgresql)

# Packages that give a command: one that is there from elsewhere (another node, say) is as good.
declare -A command_of=([g++]=g++ [cmake]=cmake [ninja-build]=ninja [pkg-config]=pkg-config [openssl]=openssl [zip]=zip [unzip]=unzip)

have() {
  local command=${command_of[$1]:-}
  if [ -n "$command" ]; then command -v "$command" >/dev/null; else dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'; fi
}

# install_packages PACKAGE...: those that are missing, through apt; nothing at all when none is.
install_packages() {
  local package missing=()
  for package in "$@"; do have "$package" || missing+=("$package"); done
  if [ ${#missing[@]} -eq 0 ]; then note "all Debian packages are there"; return; fi
  local clusters_before
  clusters_before=$(pg_lsclusters -h 2>/dev/null || true)
  note "missing: ${missing[*]}"
  command -v apt-get >/dev/null || fail "this is no Debian system (no apt-get)" "install the packages above your system's way, then run this again"
  local as_root=(env DEBIAN_FRONTEND=noninteractive)
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "these packages need root to install, and there is no sudo" "as root: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo env DEBIAN_FRONTEND=noninteractive)
  fi
  local log
  log=$(mktemp)
  note "installing them with apt-get (this can take some minutes)"
  if ! { "${as_root[@]}" apt-get update && "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install them" "look at the lines above; the network or the Debian mirror may be away. Then run this again"
  fi
  rm -f "$log"
  # Tests start a PostgreSQL of their own: the server that the package makes and starts, port 5432, would only be in the way.
  local version name rest
  [ -n "$clusters_before" ] || ! command -v pg_lsclusters >/dev/null || pg_lsclusters -h | while read -r version name rest; do
    note "removing the empty database server $version/$name that the package made"
    "${as_root[@]}" pg_dropcluster --stop "$version" "$name"
  done
}

# Adds nodejs and npm to the list only where no usable pair is there.
node_packages() {
  command -v npm >/dev/null && command -v node >/dev/null && node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)' || echo nodejs npm
}

firefox_packages() { command -v firefox-esr >/dev/null || command -v firefox >/dev/null || echo firefox-esr; }
chromium_packages() { [ -x /usr/lib/chromium/chromium ] || echo chromium; }

# node_tools demo|all: the pinned tools of tests/package-lock.json; nothing when they are there already.
node_tools() {
  local stamp=$root/tests/node_modules/.kaopu-$1 omit=()
  if [ -f "$stamp" ] && cmp -s "$stamp" "$root/tests/package-lock.json"; then note "node tools are there"; return; fi
  [ "$1" = all ] || omit=(--omit=dev)
  note "installing node tools with npm (pinned in tests/package-lock.json)"
  local log
  log=$(mktemp)
  if ! (cd "$root/tests" && npm ci "${omit[@]}" --ignore-scripts --no-audit --no-fund --loglevel=error) >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "npm could not install the tools" "look at the lines above; is the npm registry reachable? Then run this again"
  fi
  rm -f "$log"
  cp "$root/tests/package-lock.json" "$stamp"
  [ "$1" = demo ] || cp "$stamp" "$root/tests/node_modules/.kaopu-demo"
}

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  local log=$root/build/$preset-build.log targets=()
  [ $# -eq 0 ] || targets=(--target "$@")
  mkdir -p "$root/build"
  note "building preset $preset in build/$preset (log: build/$preset-build.log)"
  if ! { cd "$root" && cmake --preset "$preset" && cmake --build --preset "$preset" "${targets[@]}"; } >"$log" 2>&1 </dev/null; then
    grep -nE 'error|Error|FAILED' "$log" | head -n 12 >&2 || true
    tail -n 15 "$log" >&2
    fail "the build failed" "read build/$preset-build.log; after an upgrade of the system, remove build/$preset and run this again"
  fi
}
