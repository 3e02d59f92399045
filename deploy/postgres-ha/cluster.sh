#!/usr/bin/env bash
# A highly available PostgreSQL 15 on one machine: three nodes with Patroni and etcd, HAProxy, PgBouncer.
#
#   install                  installs the packages of Debian that are missing, and starts none of their services
#   up                       makes and starts the cluster, with the database "payouts"; again after "kill", it restarts
#   status                   members, synchronous standby, timeline, and how to connect
#   primary | standby        number of the node that leads, or of its synchronous standby
#   wait [SECONDS]           waits until all nodes run and a synchronous standby is confirmed
#   kill-primary [WHAT]      SIGKILL of the primary: node (the default), database (etcd lives), postgres, or patroni
#   kill N [WHAT]            the same for node N
#   start N                  starts what was killed of node N
#   freeze N | thaw N        halts everything of node N, and lets it go on
#   lag N                    node N receives nothing more, until it is started anew
#   switchover               a planned change of the primary
#   reinit N                 copies node N anew from the primary
#   promote N                makes node N the primary whatever it lacks: this may lose commits
#   partition [N]            cuts node N (the primary) off from the other nodes; clients still reach it
#   heal                     ends the partition
#   strict true|false        whether nothing is committed without a synchronous standby, as PAYOUTS_HA_STRICT says
#   sql STATEMENT [DATABASE] runs a statement on the primary as superuser
#   connection KIND          connection string: haproxy, hosts, session or transaction (PgBouncer)
#   down [--keep]            stops it all, and removes the data unless it is to be kept
#
# Environment:
#   PAYOUTS_HA_DIR      where everything is kept: /var/tmp/payouts-ha
#   PAYOUTS_HA_PORT     the first of about 50 ports on 127.0.0.1: 15000
#   PAYOUTS_HA_STRICT   true: without a synchronous standby nothing is committed; false: then one copy is enough
#   PAYOUTS_HA_NETWORK  namespaces: each node has its own, so that it can be cut off; loopback: none; by default
#                       namespaces where they can be made
#   PAYOUTS_HA_SUBNET   the first three numbers of the nodes' addresses in namespaces: 10.215.77
set -uo pipefail

dir=${PAYOUTS_HA_DIR:-/var/tmp/payouts-ha}
port=${PAYOUTS_HA_PORT:-15000}
strict=${PAYOUTS_HA_STRICT:-true}
subnet=${PAYOUTS_HA_SUBNET:-10.215.77}
scope=payouts
binaries=/usr/lib/postgresql/15/bin
packages=(patroni etcd-server etcd-client python3-etcd haproxy pgbouncer)
nodes="1 2 3"

fail() { echo "$*" >&2; exit 1; }
postgres_port() { echo $((port + 10 + $1)); }
rest_port() { echo $((port + 20 + $1)); }
client_port() { echo $((port + 30 + $1)); }
peer_port() { echo $((port + 40 + $1)); }
session_port=$((port + 2))
transaction_port=$((port + 3))

# Namespaces -------------------------------------------------------------------------------------------------------

namespace() { echo "payouts-ha-$port-$1"; }
bridge=pha$port
network() {
  if [ -f "$dir/network" ]; then
    cat "$dir/network"
  elif [ -n "${PAYOUTS_HA_NETWORK:-}" ]; then
    echo "$PAYOUTS_HA_NETWORK"
  elif [ "$(id -u)" = 0 ] && command -v ip >/dev/null && ip link add "$bridge" type bridge 2>/dev/null; then
    ip link del "$bridge"
    echo namespaces
  else
    echo loopback
  fi
}
address() { if [ "$(network)" = namespaces ]; then echo "$subnet.$1"; else echo 127.0.0.1; fi; }

make_network() {
  local n
  [ "$(network)" = namespaces ] || return 0
  ip link show "$bridge" >/dev/null 2>&1 && return 0
  ip link add "$bridge" type bridge && ip addr add "$subnet.254/24" dev "$bridge" && ip link set "$bridge" up \
    || fail "No bridge can be made: set PAYOUTS_HA_NETWORK=loopback, without partitions."
  for n in $nodes; do
    ip netns add "$(namespace "$n")"
    ip link add "$bridge-$n" type veth peer name eth0 netns "$(namespace "$n")"
    ip link set "$bridge-$n" master "$bridge" up
    ip -n "$(namespace "$n")" addr add "$(address "$n")/24" dev eth0
    ip -n "$(namespace "$n")" link set eth0 up
    ip -n "$(namespace "$n")" link set lo up
  done
}

remove_network() {
  local n
  [ "$(network)" = namespaces ] || return 0
  for n in $nodes; do ip netns del "$(namespace "$n")" 2>/dev/null; done
  ip link del "$bridge" 2>/dev/null
}

# Packets that one node sends another vanish, as on a broken wire: nobody gets a reset.
cut() { # cut add|del N
  local other
  for other in $nodes; do
    [ "$other" = "$2" ] && continue
    ip -n "$(namespace "$2")" route "$1" blackhole "$(address "$other")/32" 2>/dev/null
    ip -n "$(namespace "$other")" route "$1" blackhole "$(address "$2")/32" 2>/dev/null
  done
}

# Processes --------------------------------------------------------------------------------------------------------

# PostgreSQL refuses to run as root.
unprivileged() {
  local as=()
  [ "$(id -u)" = 0 ] && as=(setpriv --reuid=postgres --regid=postgres --init-groups)
  "${as[@]}" env -i PATH="$binaries:/usr/sbin:/usr/bin:/sbin:/bin" HOME=/tmp LANG=C.UTF-8 "$@"
}
pid_of() { cat "$dir/$1.pid" 2>/dev/null; }
# A number alone may be another's by now: each of ours has the folder among its arguments.
is_alive() { local pid; pid=$(pid_of "$1") && [ -n "$pid" ] && grep -qs "$dir" "/proc/$pid/cmdline"; }
launch() { # launch NAME NODE COMMAND...: NODE 0 is this machine itself
  local name=$1 node=$2 inside=() as=()
  shift 2
  is_alive "$name" && return 0
  [ "$node" != 0 ] && [ "$(network)" = namespaces ] && inside=(ip netns exec "$(namespace "$node")")
  [ "$(id -u)" = 0 ] && as=(setpriv --reuid=postgres --regid=postgres --init-groups)
  setsid "${inside[@]}" "${as[@]}" env -i PATH="$binaries:/usr/sbin:/usr/bin:/sbin:/bin" HOME=/tmp LANG=C.UTF-8 "$@" \
    >>"$dir/$name.log" 2>&1 </dev/null &
  echo $! >"$dir/$name.pid"
}
stop() { # stop SIGNAL SECONDS NAME...
  local signal=$1 seconds=$2 name
  shift 2
  for name in "$@"; do is_alive "$name" && kill "-$signal" "$(pid_of "$name")"; done
  for _ in $(seq $((seconds * 10))); do
    for name in "$@"; do is_alive "$name" && sleep 0.1 && continue 2; done
    break
  done
  for name in "$@"; do
    is_alive "$name" && kill -KILL "$(pid_of "$name")"
    rm -f "$dir/$name.pid"
  done
}
postmaster() { head -1 "$dir/node$1/data/postmaster.pid" 2>/dev/null; }
# A postmaster alone would leave children behind that go on until they look for it.
server_processes() {
  local pid
  pid=$(postmaster "$1")
  [ -n "$pid" ] && grep -qs "$dir/node$1/data" "/proc/$pid/cmdline" && { echo "$pid"; pgrep -P "$pid"; }
}
receiver() { local pid; for pid in $(server_processes "$1"); do grep -qs walreceiver "/proc/$pid/cmdline" && echo "$pid" && return 0; done; return 1; }
processes() { # processes N node|database|postgres|patroni
  [ "$2" = postgres ] || { is_alive "patroni$1" && pid_of "patroni$1"; }
  [ "$2" = patroni ] || server_processes "$1"
  [ "$2" != node ] || { is_alive "etcd$1" && pid_of "etcd$1"; }
}
patience() { # patience SECONDS COMMAND...
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do [ "$SECONDS" -lt "$end" ] || return 1; sleep 0.2; done
}

# The cluster ------------------------------------------------------------------------------------------------------

missing() {
  local package
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
  done
  [ -x "$binaries/postgres" ] || echo postgresql-15
}
install() {
  local wanted policy=/usr/sbin/policy-rc.d made=
  wanted=$(missing)
  [ -n "$wanted" ] || return 0
  [ "$(id -u)" = 0 ] || fail "Missing packages, which root can install: $(echo $wanted)"
  # Debian's packages start their services when they are installed; a policy that says 101 forbids it.
  [ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod +x "$policy"; made=yes; }
  apt-get update -q >/dev/null
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -q --no-install-recommends $wanted >"${TMPDIR:-/tmp}/payouts-ha-install.log" 2>&1
  [ -z "$made" ] || rm -f "$policy"
  wanted=$(missing)
  [ -z "$wanted" ] || fail "These packages do not install: $(echo $wanted). See ${TMPDIR:-/tmp}/payouts-ha-install.log"
}

etcd_hosts() { local n; for n in $nodes; do printf '%s%s:%s' "${1:-}" "$(address "$n")" "$(client_port "$n")"; [ "$n" = 3 ] || printf ,; done; }
peers() { local n; for n in $nodes; do printf 'etcd%s=http://%s:%s' "$n" "$(address "$n")" "$(peer_port "$n")"; [ "$n" = 3 ] || printf ,; done; }

write_patroni() {
  cat >"$dir/node$1/patroni.yml" <<YML
scope: $scope
namespace: /ha/
name: node$1
restapi: {listen: '$(address "$1"):$(rest_port "$1")', connect_address: '$(address "$1"):$(rest_port "$1")'}
# Not etcd3: see the README.
etcd: {hosts: '$(etcd_hosts)'}
bootstrap:
  dcs:
    # loop_wait + 2 * retry_timeout must not exceed ttl, and 20 is the least ttl.
    ttl: 20
    loop_wait: 5
    retry_timeout: 5
    maximum_lag_on_failover: 1048576
    check_timeline: true
    failsafe_mode: true
    synchronous_mode: true
    synchronous_mode_strict: $strict
    synchronous_node_count: 1
    primary_start_timeout: 300
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters:
        max_connections: 300
        shared_buffers: 64MB
        synchronous_commit: 'on'
        wal_log_hints: 'on'
        wal_keep_size: 256MB
        max_wal_size: 512MB
        wal_sender_timeout: 10s
        wal_receiver_timeout: 10s
        tcp_keepalives_idle: 5
        tcp_keepalives_interval: 2
        tcp_keepalives_count: 3
  initdb: [{encoding: UTF8}, {locale: C.UTF-8}, data-checksums]
postgresql:
  listen: '$(address "$1"):$(postgres_port "$1")'
  connect_address: '$(address "$1"):$(postgres_port "$1")'
  data_dir: $dir/node$1/data
  bin_dir: $binaries
  pgpass: $dir/node$1/pgpass
  remove_data_directory_on_rewind_failure: true
  remove_data_directory_on_diverged_timelines: true
  parameters: {unix_socket_directories: '$dir/node$1'}
  authentication:
    superuser: {username: postgres, password: postgres}
    replication: {username: replicator, password: replicator}
    rewind: {username: rewinder, password: rewinder}
  pg_hba:
    - local all all trust
    - host all all 127.0.0.1/32 scram-sha-256
    - host all all $subnet.0/24 scram-sha-256
    - host replication replicator 127.0.0.1/32 scram-sha-256
    - host replication replicator $subnet.0/24 scram-sha-256
# In production: required.
watchdog: {mode: 'off'}
YML
}

servers() { local n; for n in $nodes; do echo "    server node$n $(address "$n"):$(postgres_port "$n") check port $(rest_port "$n")"; done; }
write_haproxy() {
  cat >"$dir/haproxy.cfg" <<CFG
global
    maxconn 1000
defaults
    mode tcp
    retries 2
    timeout connect 2s
    timeout client 30m
    timeout server 30m
    timeout check 1s
    default-server inter 1s fastinter 500ms downinter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
listen primary
    bind 127.0.0.1:$port
    option httpchk OPTIONS /primary
    http-check expect status 200
$(servers)
listen standbys
    bind 127.0.0.1:$((port + 1))
    option httpchk OPTIONS /replica
    http-check expect status 200
$(servers)
CFG
}

write_pgbouncer() { # write_pgbouncer MODE PORT
  cat >"$dir/pgbouncer-$1.ini" <<INI
[databases]
payouts = host=127.0.0.1 port=$port dbname=payouts
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $2
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $dir/users.txt
pool_mode = $1
default_pool_size = 30
max_client_conn = 500
server_login_retry = 1
query_wait_timeout = 5
INI
}

start_node() {
  launch "etcd$1" "$1" etcd --name "etcd$1" --data-dir "$dir/etcd$1" --logger zap --log-level warn --enable-v2=true \
    --listen-client-urls "http://$(address "$1"):$(client_port "$1")" \
    --advertise-client-urls "http://$(address "$1"):$(client_port "$1")" \
    --listen-peer-urls "http://$(address "$1"):$(peer_port "$1")" \
    --initial-advertise-peer-urls "http://$(address "$1"):$(peer_port "$1")" \
    --initial-cluster "$(peers)" --initial-cluster-token "payouts-ha-$port"
  # Never two for one node: the second rewrites postgresql.conf before it finds its port taken.
  launch "patroni$1" "$1" patroni "$dir/node$1/patroni.yml"
}

rest_says() { # rest_says N PATH
  [ "$(curl -s -m 1 -o /dev/null -w '%{http_code}' "http://$(address "$1"):$(rest_port "$1")/$2")" = 200 ]
}
node_that_is() { local n; for n in $nodes; do rest_says "$n" "$1" && { echo "$n"; return 0; }; done; return 1; }
sql() {
  local n
  n=$(node_that_is primary) || return 1
  PGPASSWORD=postgres PGCONNECT_TIMEOUT=2 psql -h "$(address "$n")" -p "$(postgres_port "$n")" -U postgres -d "${2:-postgres}" -v ON_ERROR_STOP=1 -qAtX -c "$1"
}
# Both must say it: after a failover the one is ahead of the other for some seconds.
is_synchronous() {
  local n
  n=$(node_that_is primary) || return 1
  curl -s -m 1 "http://$(address "$n"):$(rest_port "$n")/cluster" | grep -q '"sync_standby"' || return 1
  [ "$(sql "SELECT count(*) > 0 FROM pg_stat_replication WHERE sync_state = 'sync'")" = t ]
}
is_whole() {
  local n
  for n in $nodes; do rest_says "$n" health || return 1; done
  [ "$(sql "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")" = 2 ] && is_synchronous
}

up() {
  local n
  install
  mkdir -p "$dir" && chmod 711 "$dir"
  [ -f "$dir/network" ] || { network >"$dir/network.new"; mv "$dir/network.new" "$dir/network"; }
  make_network
  for n in $nodes; do
    mkdir -p "$dir/node$n" "$dir/etcd$n"
    chmod 700 "$dir/etcd$n"
    [ -f "$dir/node$n/patroni.yml" ] || write_patroni "$n"
  done
  write_haproxy
  write_pgbouncer session "$session_port"
  write_pgbouncer transaction "$transaction_port"
  printf '"payout_owner" "payout_owner"\n"payout_service" "payout_service"\n' >"$dir/users.txt"
  [ "$(id -u)" != 0 ] || chown -R postgres: "$dir"
  for n in $nodes; do start_node "$n"; done
  patience 90 node_that_is primary || { tail -3 "$dir"/patroni*.log; fail "No node became the primary in 90 s."; }
  launch haproxy 0 haproxy -db -f "$dir/haproxy.cfg"
  launch pgbouncer-session 0 pgbouncer "$dir/pgbouncer-session.ini"
  launch pgbouncer-transaction 0 pgbouncer "$dir/pgbouncer-transaction.ini"
  patience 90 is_synchronous || fail "No synchronous standby in 90 s."
  if [ -z "$(sql "SELECT 1 FROM pg_roles WHERE rolname = 'payout_owner'")" ]; then
    sql "CREATE ROLE payout_owner LOGIN CREATEROLE PASSWORD 'payout_owner'" && sql "CREATE DATABASE payouts OWNER payout_owner"
  fi
  patience 90 is_whole || fail "The third node does not stream."
  status
}

connection() {
  local n hosts= as=Database=payouts
  as+=";Username=payout_service;Password=payout_service"
  case $1 in
    haproxy) echo "Host=127.0.0.1;Port=$port;$as" ;;
    hosts)
      for n in $nodes; do hosts+=${hosts:+,}$(address "$n"):$(postgres_port "$n"); done
      echo "Host=$hosts;Target Session Attributes=primary;Host Recheck Seconds=2;$as"
      ;;
    session) echo "Host=127.0.0.1;Port=$session_port;$as" ;;
    transaction) echo "Host=127.0.0.1;Port=$transaction_port;$as" ;;
    *) fail "haproxy, hosts, session or transaction" ;;
  esac
}

status() {
  local n
  n=$(node_that_is primary) || fail "No primary."
  unprivileged patronictl -c "$dir/node$n/patroni.yml" list
  sql "SELECT 'timeline ' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || ', synchronous_standby_names ''' || current_setting('synchronous_standby_names') || ''''"
  sql "SELECT application_name || ' ' || state || ' ' || sync_state FROM pg_stat_replication ORDER BY 1"
  for n in haproxy hosts session transaction; do printf '%-12s %s\n' "$n" "$(connection "$n")"; done
}

kill_node() { # kill_node N WHAT
  local pids
  pids=$(processes "$1" "$2")
  # shellcheck disable=SC2086
  [ -n "$pids" ] && kill -KILL $pids 2>/dev/null
  echo "Killed $2 of node$1."
}

down() {
  local n
  for n in $nodes; do
    # shellcheck disable=SC2046
    kill -CONT $(processes "$n" node) 2>/dev/null
  done
  stop TERM 2 haproxy pgbouncer-session pgbouncer-transaction
  stop TERM 30 patroni1 patroni2 patroni3
  for n in $nodes; do
    # shellcheck disable=SC2046
    kill -KILL $(server_processes "$n") 2>/dev/null
  done
  # The last etcd waits for its peers.
  stop TERM 2 etcd1 etcd2 etcd3
  remove_network
  [ "${1:-}" = --keep ] || rm -rf "$dir"
}

case ${1:-} in
  install) install ;;
  up) up ;;
  status) status ;;
  primary) node_that_is primary ;;
  standby) node_that_is sync ;;
  wait) patience "${2:-120}" is_whole || fail "The cluster is not whole after ${2:-120} s." ;;
  kill-primary) n=$(node_that_is primary) || fail "No primary."; kill_node "$n" "${2:-node}" ;;
  kill) kill_node "$2" "${3:-node}" ;;
  start) start_node "$2" ;;
  # shellcheck disable=SC2046
  freeze) kill -STOP $(processes "$2" node) ;;
  # shellcheck disable=SC2046
  thaw) kill -CONT $(processes "$2" node) ;;
  switchover)
    n=$(node_that_is primary) || fail "No primary."
    unprivileged patronictl -c "$dir/node$n/patroni.yml" switchover --force --master "node$n" "$scope"
    ;;
  promote)
    # A receiver that is halted would keep the node from ending its recovery.
    n=$(receiver "$2") && grep -qs 'State:.T' "/proc/$n/status" && kill -KILL "$n" && sleep 2
    unprivileged patronictl -c "$dir/node$2/patroni.yml" failover --force --candidate "node$2" "$scope"
    ;;
  reinit) unprivileged patronictl -c "$dir/node$2/patroni.yml" reinit --force "$scope" "node$2" ;;
  partition)
    [ "$(network)" = namespaces ] || fail "On loopback no node can be cut off: PAYOUTS_HA_NETWORK=namespaces needs root."
    n=${2:-$(node_that_is primary)} || fail "No primary."
    cut add "$n"
    echo "Cut node$n off."
    ;;
  heal) for n in $nodes; do cut del "$n"; done ;;
  # A halted receiver: the primary drops it after wal_sender_timeout, and the node stays where it is.
  lag) kill -STOP "$(receiver "$2")" ;;
  sql) sql "$2" "${3:-postgres}" ;;
  strict)
    n=$(node_that_is primary) || fail "No primary."
    unprivileged patronictl -c "$dir/node$n/patroni.yml" edit-config --force -s "synchronous_mode_strict=$2" "$scope"
    ;;
  connection) connection "${2:-haproxy}" ;;
  down) down "${2:-}" ;;
  *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2 ;;
esac
