# What the drills have in common; they read it with `source` after they have set `folder`, `service_port` and
# `simulator_port`. PAYOUTS_SERVICE_DLL and PAYOUTS_SIMULATOR_DLL name programs that are built already.
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
binaries=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -1)")
service=${PAYOUTS_SERVICE_DLL:-$root/src/PayoutService/bin/Release/net10.0/PayoutService.dll}
simulator=${PAYOUTS_SIMULATOR_DLL:-$root/src/PockytSimulator/bin/Release/net10.0/PockytSimulator.dll}
export DOTNET_NOLOGO=1 ASPNETCORE_ENVIRONMENT=Development
started=()

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }
die() { say "FAILED: $*" >&2; exit 1; }
# PostgreSQL refuses to run as root.
server() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else "$@"; fi
}
sql() { psql -h 127.0.0.1 -p "$1" -U payouts -d "${3:-payouts}" -v ON_ERROR_STOP=1 -qAtXc "$2"; }
start_server() { # start_server FOLDER PORT
  (cd / && server "$binaries/pg_ctl" -D "$1" -w -t 120 -l "$1.log" \
    -o "-c port=$2 -c listen_addresses=127.0.0.1 -c unix_socket_directories=''" start >/dev/null)
}
start_program() { # start_program NAME PORT HEALTH COMMAND...
  local name=$1 port=$2 health=$3
  shift 3
  "$@" --urls "http://127.0.0.1:$port" >"$folder/$name.log" 2>&1 &
  started+=($!)
  for _ in $(seq 600); do
    curl -fsS -o /dev/null "http://127.0.0.1:$port$health" 2>/dev/null && return
    kill -0 $! 2>/dev/null || { tail -5 "$folder/$name.log"; die "The $name did not start."; }
    sleep 0.1
  done
  die "The $name is not ready after a minute."
}
call() { # call METHOD PATH [BODY]: the answer, or nothing
  curl -sS -m 20 -X "$1" "http://127.0.0.1:$service_port$2" -H 'Authorization: Bearer dev-key' \
    ${3:+-H 'Content-Type: application/json' -d "$3"}
}
pay() { # pay INVOICE [SECONDS]: prints the id, due now or later
  local due=
  [ -z "${2:-}" ] || due=",\"executeAt\":\"$(date -u -d "+$2 seconds" +%FT%TZ)\""
  call POST /v1/payouts "{\"accountId\":\"$account\",\"amount\":\"500.00\",\"currency\":\"USD\",\"invoiceId\":\"$1\"$due}" \
    | jq -er .id || die "$1 was not accepted."
}
status() { call GET "/v1/payouts?invoiceId=$1" | jq -r '.data[0].status // "unknown"'; }
until_status() { # until_status STATUS INVOICE...
  local wanted=$1 invoice
  shift
  for invoice in "$@"; do
    for _ in $(seq 240); do [ "$(status "$invoice")" = "$wanted" ] && continue 2; sleep 0.5; done
    die "$invoice is $(status "$invoice"), not $wanted."
  done
}
calls_at_pockyt() { curl -sS "http://127.0.0.1:$simulator_port/simulator/book" | jq "[.arrivals[] | select(.invoiceId == \"$1\")] | length"; }
finish() {
  trap - EXIT
  local pid data
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
  for data in "$folder"/*/; do
    [ ! -f "$data/postmaster.pid" ] || (cd / && server "$binaries/pg_ctl" -D "$data" -m immediate -w stop >/dev/null) || true
  done
  rm -rf "$folder"
}

begin() { # makes the folder, and builds what is not named
  [ ! -e "$folder" ] || die "$folder exists: name another folder."
  if [ -z "${PAYOUTS_SERVICE_DLL:-}" ]; then
    dotnet build -c Release --nologo -v quiet "$root/src/PayoutService"
    dotnet build -c Release --nologo -v quiet "$root/src/PockytSimulator"
  fi
  trap finish EXIT
  mkdir -p "$folder"
  chmod 711 "$folder"
  [ "$(id -u)" != 0 ] || chown postgres: "$folder"
}
start_simulator() { # what is sent twice is paid twice
  start_program simulator "$simulator_port" /simulator/health dotnet "$simulator"
  curl -fsS -o /dev/null "http://127.0.0.1:$simulator_port/simulator/faults" -H 'Content-Type: application/json' -d '{"call":"pay","times":0,"deduplicate":false}'
}
register() { # a payee with an account, whose id is in $account then
  local payee
  payee=$(call POST /v1/payees '{"customerCode":"drill","firstName":"Ada","lastName":"Lovelace","email":"ada@example.com","dateOfBirth":"1990-12-10","countryCode":"US","country":"USA","state":"NY","city":"Hometown","street":"123 Main St","zip":"10006","phone":"+1 212 555 0100"}' | jq -er .id)
  account=$(call POST "/v1/payees/$payee/accounts" '{"accountTag":"main-bank","accountType":"BANK_ACCOUNT","country":"US","currency":"USD","details":{"bankAccountId":"7861053298","branchId":"101089292","bankAccountPurpose":"CHECKING"}}' | jq -er .id)
}
