#!/usr/bin/env bash
# Starts the MongoDB-wire server of the tests and prints its URI.
#   .ci/mongo/start.sh PIDFILE LOGFILE
# It lives until .ci/mongo/stop.sh PIDFILE. Downloads are kept in the cache.
set -euo pipefail
pidfile=$1 log=$2
here="$(cd "$(dirname "$0")" && pwd)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/scimgate-ci"
version="$(sed -n 's:.*<version>\([0-9][0-9.]*\..*\)</version>.*:\1:p' "$here/pom.xml")"
jars="$cache/mongo-java-server-$version"
mkdir -p "$cache"

install() { # what the machine lacks, from its own distribution
  local sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends "$@"
} >>"$log" 2>&1

command -v javac >/dev/null || install default-jdk-headless
if [ ! -e "$jars/complete" ]; then
  command -v mvn >/dev/null || install maven
  mvn --batch-mode --quiet --file "$here/pom.xml" dependency:copy-dependencies \
    -DoutputDirectory="$jars" >>"$log" 2>&1 || { echo "the server could not be downloaded: see $log" >&2; exit 1; }
  touch "$jars/complete"
fi

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
