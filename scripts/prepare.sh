# Sourced by scripts/start and scripts/test: finds or fetches the pinned Bun (in $BUN) and installs the dependencies.
# Needs a POSIX shell and either npm or curl. What it fetches goes to the user's cache folder, nowhere else.

cd "$(dirname "$0")/.."

BUN_VERSION=$(sed -n 's/.*"packageManager": *"bun@\([^"]*\)".*/\1/p' package.json)
CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/imgproxy-bun"

say() { printf '%s\n' "· $*" >&2; }
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Bun's name of this platform, as its packages and release files use it.
bun_platform() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64 | Linux-amd64) platform=linux-x64 ;;
    Linux-aarch64 | Linux-arm64) platform=linux-aarch64 ;;
    Darwin-arm64) platform=darwin-aarch64 ;;
    Darwin-x86_64) platform=darwin-x64 ;;
    *) fail "There is no Bun for $(uname -s) on $(uname -m)." ;;
  esac
  if [ "$platform" = linux-x64 ] && ls /lib/ld-musl-*.so.1 >/dev/null 2>&1 && ! ls /lib*/ld-linux*.so.* >/dev/null 2>&1; then
    platform="$platform-musl"
  fi
  if [ "$platform" = linux-x64 ] && ! grep -q avx2 /proc/cpuinfo 2>/dev/null; then platform="$platform-baseline"; fi
  printf '%s' "$platform"
}

unpack_zip() { # FILE FOLDER
  if command -v unzip >/dev/null 2>&1; then
    unzip -qo "$1" -d "$2"
  elif command -v bsdtar >/dev/null 2>&1; then
    bsdtar -xf "$1" -C "$2"
  elif command -v python3 >/dev/null 2>&1; then
    python3 -m zipfile -e "$1" "$2"
  elif command -v busybox >/dev/null 2>&1; then
    busybox unzip -qo "$1" -d "$2"
  else
    fail "Unpacking Bun needs one of unzip, bsdtar, python3 or busybox."
  fi
}

# The package is taken for the platform itself: unlike the package called bun it needs no install script to run.
fetch_bun() { # FOLDER
  platform=$(bun_platform)
  mkdir -p "$1"
  if command -v npm >/dev/null 2>&1; then
    say "getting Bun $BUN_VERSION through npm (about 40 MB, once)"
    npm install --loglevel=error --no-save --no-audit --no-fund --ignore-scripts --prefix "$1" "@oven/bun-$platform@$BUN_VERSION" >&2
    cp "$1/node_modules/@oven/bun-$platform/bin/bun" "$1/bun.new"
  elif command -v curl >/dev/null 2>&1; then
    say "getting Bun $BUN_VERSION from its releases (about 40 MB, once)"
    curl -fL --progress-bar -o "$1/bun.zip" \
      "https://github.com/oven-sh/bun/releases/download/bun-v$BUN_VERSION/bun-$platform.zip"
    unpack_zip "$1/bun.zip" "$1"
    cp "$1/bun-$platform/bun" "$1/bun.new"
  else
    fail "Getting Bun $BUN_VERSION needs npm or curl. Install one of them, or Bun itself: https://bun.sh/docs/installation"
  fi
  chmod 755 "$1/bun.new"
  mv "$1/bun.new" "$1/bun"
  rm -rf "$1/node_modules" "$1/bun.zip" "$1/bun-$platform"
}

if command -v bun >/dev/null 2>&1 && [ "$(bun --version)" = "$BUN_VERSION" ]; then
  BUN=$(command -v bun)
else
  BUN="$CACHE/bun-$BUN_VERSION/bun"
  [ -x "$BUN" ] || fetch_bun "$CACHE/bun-$BUN_VERSION"
fi
# Child processes find it by name.
PATH="$(dirname "$BUN"):$PATH"
export PATH BUN

say "installing dependencies from the lockfile"
"$BUN" install --frozen-lockfile --silent || fail "The dependencies cannot be installed; see above."
