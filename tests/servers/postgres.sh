# shellcheck shell=bash
# A private PostgreSQL: a fresh cluster with C collation and fsync on, reached over loopback with a password.

postgres_url=

# Prints the directory of the newest PostgreSQL that runs. Debian keeps the servers out of PATH.
postgres_bin() {
    local bin version
    for bin in /usr/lib/postgresql/*/bin $(type -ap postgres | sed 's|/postgres$||'); do
        [[ -x $bin/initdb ]] || continue
        version=$("$bin/postgres" --version 2>/dev/null) || continue
        printf '%s %s\n' "$(grep -o '[0-9][0-9.]*' <<<"$version" | head -n 1)" "$bin"
    done | sort -rV | sed -n '1s/^[^ ]* //p'
}

start_postgres() {
    local port password bin
    bin=$(postgres_bin)
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    make_database "$password"
    on_free_port postgres spawn_postgres postgres_is_ready
    postgres_url="postgres://daftari:$password@127.0.0.1:$port/postgres"
}

# A password, because with `trust` every user of the machine would be superuser in our process. In clear
# over loopback, because SCRAM costs an unoptimised client 4,096 rounds a connection.
make_database() { # PASSWORD
    (
        cd / && umask 077 && "${as_server[@]}" tee "$data/password" <<<"$1" >/dev/null &&
            LC_ALL=C "${as_server[@]}" "$bin/initdb" --pgdata="$data/postgres" --username=daftari \
                --pwfile="$data/password" --auth=password --encoding=UTF8 --locale=C --no-sync
    ) >"$directory/initdb.log" 2>&1 || fail_with_log initdb "could not make a database"
}

# SIGQUIT is the immediate shutdown: nothing of this cluster is needed again.
spawn_postgres() { # NAME PORT
    spawn "$1" QUIT "$bin/postgres" -D "$data/postgres" -p "$2" -k "$data" \
        -c listen_addresses=127.0.0.1 -c max_connections=200
}

# The eighth line of its pid file is what pg_ctl waits for.
postgres_is_ready() {
    [[ $(sed -n 8p "$data/postgres/postmaster.pid" 2>/dev/null) == ready* ]]
}
