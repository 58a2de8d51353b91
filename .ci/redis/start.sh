#!/usr/bin/env bash
# Starts a Redis of the tests' own and prints its URL.
#   .ci/redis/start.sh PIDFILE LOGFILE DIR
# It keeps what it keeps in DIR, and lives until .ci/redis/stop.sh PIDFILE.
set -euo pipefail
pidfile=$1 log=$2 dir=$3
mkdir -p "$dir"

install() { # what the machine lacks, from its own distribution
  local sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends "$@"
} >>"$log" 2>&1

command -v redis-server >/dev/null || install redis-server

free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
answers() { redis-cli -p "$1" ping 2>/dev/null | grep -qx PONG; }

for _ in $(seq 10); do # another may take the port between the look and the start
  port=$((20000 + RANDOM % 12000))
  free "$port" || continue
  setsid redis-server --bind 127.0.0.1 --port "$port" --dir "$dir" --save '' --appendonly no \
    </dev/null >>"$log" 2>&1 &
  echo $! >"$pidfile"
  for _ in $(seq 100); do
    if answers "$port" && kill -0 "$(cat "$pidfile")" 2>/dev/null; then
      echo "redis://127.0.0.1:$port/0"
      exit 0
    fi
    kill -0 "$(cat "$pidfile")" 2>/dev/null || break
    sleep 0.05
  done
done
rm -f "$pidfile"
echo "Redis did not start: see $log" >&2
tail -n 20 "$log" >&2
exit 1
