# shellcheck shell=bash
# A private Redis and a private Redis Cluster of three masters: on loopback, in memory only.

redis_url=
cluster_url=

start_redis() {
    local port
    on_free_port redis spawn_redis redis_answers redis
    redis_url="redis://127.0.0.1:$port"
}

spawn_redis() { # NAME PORT OPTION…
    local name=$1 port=$2
    shift 2
    "${as_server[@]}" mkdir -p "$data/$name"
    spawn "$name" KILL redis-server --port "$port" --bind 127.0.0.1 --protected-mode yes --dir "$data/$name" \
        --unixsocket "$data/$name/socket" --unixsocketperm 700 --save '' --appendonly no --daemonize no "$@"
}

# By its socket: on the port another's Redis might answer.
redis_answers() { # NAME
    [[ $(redis-cli -s "$data/$1/socket" ping 2>/dev/null) == PONG ]]
}

start_cluster() {
    local port node nodes=()
    for node in cluster-1 cluster-2 cluster-3; do
        on_free_port "$node" spawn_node redis_answers "$node"
        nodes+=("127.0.0.1:$port")
    done
    timeout 60s redis-cli --cluster create "${nodes[@]}" --cluster-replicas 0 --cluster-yes >"$directory/cluster.log" 2>&1 ||
        fail_with_log cluster "could not be joined"
    for node in cluster-1 cluster-2 cluster-3; do
        came_up "$node" cluster_is_ok "$node"
    done
    cluster_url="redis+cluster://$(IFS=,; echo "${nodes[*]}")"
}

# 5 s until a silent node counts as failed: short for a test, long enough for a machine busy compiling.
spawn_node() { # NAME PORT
    spawn_redis "$@" --cluster-enabled yes --cluster-config-file nodes.conf \
        --cluster-announce-ip 127.0.0.1 --cluster-node-timeout 5000
}

cluster_is_ok() { # NAME
    redis-cli -s "$data/$1/socket" cluster info 2>/dev/null | grep -q '^cluster_state:ok'
}
