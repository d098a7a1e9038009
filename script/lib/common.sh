# What the scripts share. Source it: . "$(dirname "$0")/lib/common.sh"
# Needs nothing but a POSIX shell, dpkg and apt-get; a second run asks the network for nothing.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)

build_packages='gcc libc6-dev meson ninja-build pkg-config python3 ca-certificates
    libfyaml-dev libcurl4-openssl-dev libmicrohttpd-dev libsqlite3-dev libpcre2-dev
    libxml2-dev libpq-dev libssl-dev libseccomp-dev bubblewrap tzdata libcmocka-dev'
test_packages='clang-14 clang-format-14 libclang-rt-14-dev nginx-light postgresql openssl nodejs esbuild iproute2'

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

# npm, where there is none. Newer packages of Node.js bring their own and exclude Debian's.
install_npm() {
    command -v npm >/dev/null 2>&1 && return 0
    [ "$(command -v node)" = /usr/bin/node ] && ! dpkg-query -W nodejs 2>/dev/null | grep -q nodesource || return 1
    install_packages npm
}

# Windmill's own clients, as tests/clients/package.json names them, into build/npm. Where npm or its registry is not
# there their tests are skipped, which this says.
install_clients() {
    mkdir -p "$top/build/npm"
    cmp -s "$top/tests/clients/package.json" "$top/build/npm/package.json" && return 0
    say "installing the clients of tests/clients"
    if install_npm && cp "$top/tests/clients/package.json" "$top/build/npm/package.json" &&
        (cd "$top/build/npm" &&
            timeout 60 npm install --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error >&2); then
        return 0
    fi
    rm -f "$top/build/npm/package.json"
    say "the tests of Windmill's clients are skipped: npm could not install them"
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
