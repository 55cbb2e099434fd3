# shellcheck shell=bash
# The processes of tests/run: a directory for them, free ports, start, wait until ready, stop.
# What the servers are is in postgres.sh and redis.sh.

declare -A servers=() # name: signal:pid of each server that was started
directory=            # where their logs are
data=                 # and, inside, what is theirs: data and sockets
as_server=()          # the prefix that runs a command as the user of the servers

say() {
    printf 'tests/run: %s\n' "$*" >&2
}

fail() {
    say "$*"
    exit 1
}

# PostgreSQL refuses to run as root, so root hands the servers to another user who is there already.
choose_user() {
    ((EUID == 0)) || return 0
    local user
    for user in postgres nobody; do
        id "$user" >/dev/null 2>&1 || continue
        as_server=(setpriv --reuid "$(id -u "$user")" --regid "$(id -g "$user")" --clear-groups)
        return
    done
    fail "PostgreSQL won't run as root, and there is no user 'postgres' or 'nobody'. Run this as another user," \
        "or make one: useradd --system postgres"
}

# Straight under /tmp: a Unix socket's path may have 107 bytes, and TMPDIR may be closed to the other user.
# The logs stay outside his directory, so that root writes nowhere where another could place a link.
make_directory() {
    choose_user
    directory=$(mktemp -d /tmp/daftari-tests-XXXXXX) || fail "Can't make a directory under /tmp. Make room there."
    data=$directory/data
    mkdir -m 700 "$data"
    if ((${#as_server[@]})); then
        chmod 711 "$directory"
        chown "${as_server[2]}:${as_server[4]}" "$data"
    fi
}

# Starts COMMAND as server NAME; SIGNAL ends it, also when tests/run itself is killed (pdeathsig, set
# last because a change of user clears it). Its own session keeps Ctrl-C from it until the tests are done.
spawn() { # NAME SIGNAL COMMAND…
    local name=$1 signal=$2
    shift 2
    (cd / && LC_ALL=C exec setsid "${as_server[@]}" setpriv --pdeathsig "$signal" "$@") \
        </dev/null >"$directory/$name.log" 2>&1 &
    servers[$name]=$signal:$!
}

# True when server NAME is ready, false when its port was taken; fails on everything else.
came_up() { # NAME READY…
    local name=$1 pid=${servers[$1]#*:} deadline=$((SECONDS + 60))
    shift
    until "$@"; do
        if ! kill -0 "$pid" 2>/dev/null; then
            grep -qi 'address already in use' "$directory/$name.log" && return 1
            fail_with_log "$name" "ended while starting"
        fi
        ((SECONDS < deadline)) || fail_with_log "$name" "was not ready after 60 s"
        sleep 0.05
    done
}

# Only binding a port tells whether it is free, so a server is started on a random one until that works.
# Below 21000 the Cluster's bus port, 10000 higher, also stays under the kernel's ephemeral ports.
on_free_port() { # NAME START READY…: START takes NAME and the port, which $port holds afterwards
    local name=$1 start=$2
    shift 2
    for _ in {1..20}; do
        port=$((11000 + RANDOM % 10000))
        "$start" "$name" "$port"
        came_up "$name" "$@" && return
    done
    fail "$name found no free port between 11000 and 21000 in 20 tries. See what holds them: ss -tlnp"
}

fail_with_log() { # NAME WHAT
    say "$1 $2. The end of its log:"
    tail -n 20 "$directory/$1.log" >&2
    fail "Put right what the log says (memory, room in /tmp, a broken package), then run tests/run again."
}

# The last thing that happens, whatever went before.
stop_servers() {
    trap '' INT TERM HUP
    local server deadline=$((SECONDS + 10))
    for server in "${servers[@]}"; do
        kill -s "${server%:*}" "${server#*:}" 2>/dev/null || true
    done
    for server in "${servers[@]}"; do
        while kill -0 "${server#*:}" 2>/dev/null; do
            ((SECONDS < deadline)) || kill -s KILL "${server#*:}" || true
            sleep 0.05
        done
    done 2>/dev/null # bash would report each job that a signal ended
    [[ -z $directory ]] || rm -rf -- "$directory"
}
