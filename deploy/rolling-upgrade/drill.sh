#!/usr/bin/env bash
# Drill: under load, the schema is migrated beside a replica of an older version, a replica of this version is started
# beside it, and the older one is stopped.
#
#   drill.sh COMMIT [FOLDER]    COMMIT: the older version; FOLDER: by default /var/tmp/payouts-upgrade, removed at the end
#
# Needs git, PostgreSQL's binaries, curl and jq (./run install), and the service and the simulator, which it builds
# unless PAYOUTS_SERVICE_DLL and PAYOUTS_SIMULATOR_DLL name them; the older version is always built.
# PAYOUTS_DRILL_PORT: the first of four ports, 15500.
# Ends with 0 when every call was answered 201, and each payout was sent once and succeeded.
set -euo pipefail
commit=${1:?"name the commit of the older version"}
folder=${2:-/var/tmp/payouts-upgrade}
first=${PAYOUTS_DRILL_PORT:-15500}
old_port=$first simulator_port=$((first + 1)) live_port=$((first + 2)) new_port=$((first + 3))
service_port=$old_port
# shellcheck source=deploy/drill.lib.sh
. "$(dirname "$(readlink -f "$0")")/../drill.lib.sh"

as_service() { # as_service PORT COMMAND...: becomes the command
  local port=$1
  shift
  exec env Pockyt__BaseUrl="http://127.0.0.1:$simulator_port" Pockyt__PublicUrl="http://127.0.0.1:$port" \
    ConnectionStrings__Payouts="Host=127.0.0.1;Port=$live_port;Database=payouts;Username=payouts" "$@"
}
load() { # pays at each replica in turn, until the file "end" is there
  local number=0 port
  while [ ! -e "$folder/end" ]; do
    for port in $(cat "$folder/ports"); do
      number=$((number + 1))
      curl -sS -m 5 -o /dev/null -w "pay-$number %{http_code}\n" "http://127.0.0.1:$port/v1/payouts" \
        -H 'Authorization: Bearer dev-key' -H 'Content-Type: application/json' \
        -d "{\"accountId\":\"$account\",\"amount\":\"500.00\",\"currency\":\"USD\",\"invoiceId\":\"pay-$number\"}" >>"$folder/answers"
    done
    sleep 0.02
  done
}

begin
say "1. The version of $commit serves."
git -C "$root" worktree add --quiet --detach "$folder/old" "$commit"
trap 'git -C "$root" worktree remove --force "$folder/old"; finish' EXIT
dotnet build -c Release --nologo -v quiet "$folder/old/src/PayoutService"
(cd / && server "$binaries/initdb" -D "$folder/live" -U payouts -A trust -E UTF8 --locale=C >/dev/null)
start_server "$folder/live" "$live_port"
sql "$live_port" 'CREATE DATABASE payouts' postgres
start_simulator
start_program old "$old_port" /health/ready as_service "$old_port" \
  dotnet "$folder/old/src/PayoutService/bin/Release/net10.0/PayoutService.dll"
old_pid=${started[-1]}
register
echo "$old_port" >"$folder/ports"
load &
started+=($!)
sleep 3

say "2. The schema is migrated beside it."
before=$(sql "$live_port" 'SELECT count(*) FROM "__EFMigrationsHistory"')
(as_service "$new_port" dotnet "$service" migrate)
say "   $(($(sql "$live_port" 'SELECT count(*) FROM "__EFMigrationsHistory"') - before)) migrations."
sleep 3

say "3. This version serves beside it."
start_program new "$new_port" /health/ready as_service "$new_port" dotnet "$service"
echo "$old_port $new_port" >"$folder/ports"
sleep 10

say "4. The older one is stopped, once nobody calls it."
echo "$new_port" >"$folder/ports"
sleep 1
kill "$old_pid"
sleep 5
touch "$folder/end"
wait "${started[-2]}" 2>/dev/null || true

service_port=$new_port
say "   $(wc -l <"$folder/answers") calls, answered: $(cut -d' ' -f2 "$folder/answers" | sort | uniq -c | xargs)."
until_status succeeded "pay-$(wc -l <"$folder/answers")"
for _ in $(seq 100); do
  left=$(sql "$live_port" "SELECT count(*) FROM payouts WHERE confirmed_by IS NULL")
  [ "$left" != 0 ] || break
  sleep 0.5
done
sent=$(curl -sS "http://127.0.0.1:$simulator_port/simulator/book" | jq '[.arrivals[].invoiceId] | group_by(.) | map(length) | {payouts: length, most: max}' -c)
say "   Sent, and the most times one payout was: $sent; not confirmed: $left; errors of the older version: $(grep -c '\[ERR\]\|\[FTL\]' "$folder/old.log" || true)."
[ "$(cut -d' ' -f2 "$folder/answers" | sort -u)" = 201 ] || die "A call was not answered 201."
[ "$sent" = "{\"payouts\":$(wc -l <"$folder/answers"),\"most\":1}" ] || die "A payout was not sent, or sent twice."
[ "$left" = 0 ] || die "A payout did not succeed."
say "Passed: nobody noticed."
