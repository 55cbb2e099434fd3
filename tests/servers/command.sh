# shellcheck shell=bash
# Runs the command of tests/run so that a signal ends it at once, with all its children, before the servers go.

# In the background, because bash holds a trap back until a foreground command ends. Such a command would
# ignore Ctrl-C and read from /dev/null: env and `<&0` put both right.
run_command() { # COMMAND…
    local pid status
    env --default-signal=INT,QUIT "$@" <&0 &
    pid=$!
    trap 'leave_to_terminal || stop_command "$pid" TERM' INT
    trap 'stop_command "$pid" TERM' TERM
    trap 'stop_command "$pid" HUP' HUP
    while
        status=0
        wait "$pid" || status=$?
        kill -0 "$pid" 2>/dev/null
    do :; done
    trap - INT TERM HUP
    return "$status"
}

# Ctrl-C reached the command as well, and a second signal might tell it to be hasty.
leave_to_terminal() {
    [[ -t 0 || -t 1 || -t 2 ]]
}

# Like a service manager: 25 s to end in order, which is what `daftari serve` may take, then by force.
stop_command() { # PID SIGNAL
    local deadline=$((SECONDS + 25))
    end_tree "$1" "$2"
    while kill -0 "$1" 2>/dev/null; do
        ((SECONDS < deadline)) || end_tree "$1" KILL
        sleep 0.05
    done
}

# cargo does not pass a signal on to the test programs it started.
end_tree() { # PID SIGNAL
    local children child
    read -ra children <<<"$(cat /proc/"$1"/task/*/children 2>/dev/null | tr '\n' ' ')"
    for child in "${children[@]}"; do
        end_tree "$child" "$2"
    done
    kill -s "$2" "$1" 2>/dev/null || true
}
