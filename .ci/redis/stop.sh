#!/usr/bin/env bash
# Stops what start.sh started.
#   .ci/redis/stop.sh PIDFILE
set -euo pipefail
[ -e "$1" ] || exit 0
kill "$(cat "$1")" 2>/dev/null || true
rm -f "$1"
