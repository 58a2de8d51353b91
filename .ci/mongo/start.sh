#!/usr/bin/env bash
# Starts the MongoDB-wire server of the tests and prints its URI.
#   .ci/mongo/start.sh PIDFILE LOGFILE
# It lives until .ci/mongo/stop.sh PIDFILE. Downloads are kept in the cache.
set -euo pipefail
pidfile=$1 log=$2
here="$(cd "$(dirname "$0")" && pwd)"
jars="$("$here/install.sh" "$log")"

uri="$(mktemp -u "${TMPDIR:-/tmp}/scimgate-mongo.XXXXXX")"
setsid java -Xmx1g -cp "$jars/*" "$here/Start.java" "$uri" </dev/null >>"$log" 2>&1 &
echo $! >"$pidfile"
for _ in $(seq 300); do
  if [ -e "$uri" ]; then cat "$uri"; echo; rm -f "$uri"; exit 0; fi
  kill -0 "$(cat "$pidfile")" 2>/dev/null || break
  sleep 0.1
done
echo "the server did not start: see $log" >&2
tail -n 20 "$log" >&2
exit 1
