# What the scripts share. Source it: . "$(dirname "$0")/lib/common.sh"
# Needs nothing but a POSIX shell, dpkg and apt-get; a second run asks the network for nothing.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)

build_packages='gcc libc6-dev meson ninja-build pkg-config python3 ca-certificates
    libfyaml-dev libcurl4-openssl-dev libmicrohttpd-dev libsqlite3-dev libpcre2-dev
    libxml2-dev libpq-dev libssl-dev libseccomp-dev bubblewrap tzdata libcmocka-dev'
test_packages='clang-14 clang-format-14 libclang-rt-14-dev nginx-light postgresql openssl nodejs esbuild'

say() {
    printf '\n== %s\n' "$*" >&2
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        echo "packages are missing: run this as root, or install sudo: $*" >&2
        exit 2
    fi
}

# Installs those of the named Debian packages that are missing.
install_packages() {
    missing=
    for package in "$@"; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$state" = installed ] || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    say "installing$missing"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
    # shellcheck disable=SC2086  # a list of words
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends \
        $missing >&2
}

# configure DIRECTORY [MESON-OPTION...]: the first time. Quiet unless it fails.
configure() {
    directory=$1
    shift
    [ ! -f "$directory/build.ninja" ] || return 0
    mkdir -p "$top/build"
    quietly meson setup "$directory" "$top" "$@"
}

# quietly COMMAND...: shows what it prints only where it fails.
quietly() {
    log=$(mktemp)
    "$@" >"$log" 2>&1 && good=1 || good=0
    [ "$good" = 1 ] || cat "$log" >&2
    rm -f "$log"
    [ "$good" = 1 ]
}

# The program alone, for use.
build_program() {
    install_packages $build_packages
    configure "$top/build/release" --buildtype=release
    quietly ninja -C "$top/build/release" arras
}
