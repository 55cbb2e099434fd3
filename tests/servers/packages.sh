# shellcheck shell=bash
# What the tests need from the machine: Rust, which is only looked for, and Debian packages, which are
# installed when they are missing.

find_cargo() {
    PATH=$PATH:${CARGO_HOME:-${HOME-}/.cargo}/bin
    command -v cargo >/dev/null
}

need_rust() {
    local needed have
    needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")
    find_cargo || fail "Rust is missing. Get $needed or newer from https://rustup.rs :" \
        "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y"
    have=$(cd -- "$root" && cargo --version | cut -d ' ' -f 2) || fail "cargo doesn't run. Try: rustup default stable"
    [[ $(printf '%s\n' "$needed" "$have" | sort -V | head -n 1) == "$needed" ]] ||
        fail "Rust $have is too old, $needed is needed. Run: rustup update stable" \
            "(or, when $(command -v cargo) is not rustup's: see https://rustup.rs)"
}

# SQLite and ring are C: the compiler must find its headers and link.
can_compile() {
    printf '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n' |
        cc -x c -o /dev/null - >/dev/null 2>&1
}

missing_packages() {
    can_compile || printf '%s\n' gcc libc6-dev
    command -v redis-server >/dev/null && command -v redis-cli >/dev/null || echo redis-server
    [[ -n $(postgres_bin) ]] || echo postgresql
    [[ -x /usr/sbin/bearerbox && -x /usr/sbin/smsbox ]] || echo kannel
    [[ -x /usr/lib/kannel/test/fakesmsc ]] || echo kannel-extras
    command -v chromium >/dev/null && command -v chromedriver >/dev/null || printf '%s\n' chromium chromium-driver
}

install_what_is_missing() {
    local missing
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]})) || return 0
    # Another tests/run of this clone may be installing the same: wait for it, then look again.
    exec 9<"$root/tests/run"
    flock --nonblock 9 || { say "waiting for another tests/run that installs packages" && flock 9; }
    mapfile -t missing < <(missing_packages)
    # Without the lock's descriptor: a service that a package starts would keep it.
    ((${#missing[@]} == 0)) || install "${missing[@]}" 9<&-
    exec 9<&-
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]} == 0)) || fail "${missing[*]}: installed, and still not usable. See whether it runs: cc, redis-server" \
        "--version, /usr/lib/postgresql/*/bin/postgres --version, /usr/sbin/bearerbox --version, chromedriver --version. To" \
        "install anew: apt-get install --reinstall ${missing[*]}"
}

install() { # PACKAGE…
    local sudo=() line="sudo apt-get update && sudo apt-get install $*"
    ((EUID)) || line=${line//sudo /}
    command -v apt-get >/dev/null ||
        fail "Missing: $*, and there is no apt-get. Install a C compiler, Redis, PostgreSQL, Kannel and Chromium with its" \
            "driver in this system's way."
    if ((EUID)); then
        command -v sudo >/dev/null || fail "Missing: $*, and there is no sudo. As root, run: ${line//sudo /}"
        sudo=(sudo)
        [[ -t 0 ]] || sudo=(sudo --non-interactive)
    fi
    say "installing $*"
    "${sudo[@]}" apt-get update -q </dev/null >&2 || say "apt-get update failed; going on with the lists that are there"
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q --yes --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2 ||
        fail "Could not install what the tests need. Run: $line"
}
