#!/usr/bin/env bash
# Drill: a base backup, a point-in-time restore of it, and the service started on the copy as docs/operations.md says.
#
#   drill.sh [FOLDER]      by default /var/tmp/payouts-drill, which is removed at the end
#
# Needs PostgreSQL's binaries, curl and jq (./run install), and the service and the simulator, which it builds unless
# PAYOUTS_SERVICE_DLL and PAYOUTS_SIMULATOR_DLL name them. PAYOUTS_DRILL_PORT: the first of four ports, 15500.
# Ends with 0 when nobody was paid twice and every payout that callers ask for again is as Pockyt says.
set -euo pipefail
folder=${1:-/var/tmp/payouts-drill}
first=${PAYOUTS_DRILL_PORT:-15500}
service_port=$first simulator_port=$((first + 1)) live_port=$((first + 2)) copy_port=$((first + 3))
# shellcheck source=deploy/drill.lib.sh
. "$(dirname "$(readlink -f "$0")")/../drill.lib.sh"

start_service() { # start_service PORT-OF-DATABASE RESTORE-MARKER
  # Pockyt must not have known a payout for 45 minutes before it is sent again; here 10 s stand for them.
  start_program service "$service_port" /health/live env Pockyt__BaseUrl="http://127.0.0.1:$simulator_port" \
    Pockyt__PublicUrl="http://127.0.0.1:$service_port" Payouts__RestoreMarker="$2" Payouts__ResendNotSeenSpan=00:00:10 \
    Payouts__AskDelays__0=00:00:02 ConnectionStrings__Payouts="Host=127.0.0.1;Port=$1;Database=payouts;Username=payouts" \
    dotnet "$service"
  service_pid=${started[-1]}
}
stop_service() { kill "$service_pid"; wait "$service_pid" 2>/dev/null || true; }

begin
mkdir "$folder/archive"
[ "$(id -u)" != 0 ] || chown postgres: "$folder/archive"

say "1. A server that archives its WAL, and the service on it."
(cd / && server "$binaries/initdb" -D "$folder/live" -U payouts -A trust -E UTF8 --locale=C >/dev/null)
cat >>"$folder/live/postgresql.conf" <<CONF
archive_mode = on
archive_command = 'test ! -f $folder/archive/%f && cp %p $folder/archive/%f'
CONF
start_server "$folder/live" "$live_port"
sql "$live_port" 'CREATE DATABASE payouts' postgres
start_simulator
start_service "$live_port" 0
register
pay before-backup >/dev/null
until_status succeeded before-backup

say "2. A base backup."
(cd / && server "$binaries/pg_basebackup" -h 127.0.0.1 -p "$live_port" -U payouts -D "$folder/copy" -c fast)
pay after-backup >/dev/null
until_status succeeded after-backup
pay due-later 6 >/dev/null
sleep 1
moment=$(sql "$live_port" 'SELECT now()')
say "   The moment to restore to: $moment. One payout is queued then, and sent afterwards."
sleep 1
until_status succeeded due-later
pay lost-1 >/dev/null
pay lost-2 >/dev/null
until_status succeeded lost-1 lost-2
sql "$live_port" 'SELECT pg_switch_wal()' >/dev/null
for _ in $(seq 100); do [ "$(sql "$live_port" "SELECT last_archived_wal >= pg_walfile_name(pg_current_wal_lsn() - 1) FROM pg_stat_archiver")" = t ] && break; sleep 0.1; done

say "3. The disaster: the service stops, and the server is gone."
stop_service
(cd / && server "$binaries/pg_ctl" -D "$folder/live" -m immediate -w stop >/dev/null)
rm -rf "$folder/live"
restored=$(date +%s%N)

say "4. The copy is brought to that moment."
cat >>"$folder/copy/postgresql.conf" <<CONF
archive_mode = off
restore_command = 'cp $folder/archive/%f %p'
recovery_target_time = '$moment'
recovery_target_action = 'promote'
CONF
server touch "$folder/copy/recovery.signal"
start_server "$folder/copy" "$copy_port"
for _ in $(seq 300); do [ "$(sql "$copy_port" 'SELECT pg_is_in_recovery()')" = f ] && break; sleep 0.1; done
[ "$(sql "$copy_port" "SELECT string_agg(invoice_id, ' ' ORDER BY id) FROM payouts")" = "before-backup after-backup due-later" ] \
  || die "The copy is not at that moment."

say "5. By the runbook: Payouts:RestoreMarker is changed before the service starts."
start_service "$copy_port" "restored-$(date +%F)"
for _ in $(seq 100); do call GET /v1/sending | grep -q '"restore"' && break; sleep 0.1; done
call GET /v1/sending | grep -q restored || die "Sending is not paused."
case $(status due-later) in
  unconfirmed | processing | succeeded) ;;
  *) die "due-later is $(status due-later): it would be sent again." ;;
esac
say "   Sending is paused, and what was queued then is $(status due-later). Served again $(((($(date +%s%N) - restored)) / 1000000)) ms after the disaster."
pay lost-1 >/dev/null
sleep 3
[ "$(calls_at_pockyt lost-1)" = 1 ] || die "lost-1 was sent while sending is paused."

say "6. Sending is resumed, and callers repeat what they got no answer to."
call POST /v1/sending/resume >/dev/null
pay lost-2 >/dev/null
pay new-1 >/dev/null
until_status succeeded before-backup after-backup due-later lost-1 lost-2 new-1
for invoice in before-backup after-backup due-later lost-1 lost-2 new-1; do
  calls=$(calls_at_pockyt "$invoice")
  say "   $invoice: $(status "$invoice"), pay calls at Pockyt: $calls"
  [ "$calls" = 1 ] || die "$invoice was sent $calls times."
done
say "Passed: every payout is there, and each was paid once."
