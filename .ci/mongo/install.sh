#!/usr/bin/env bash
# Downloads what Start.java needs, if it is missing, and prints the folder.
#   .ci/mongo/install.sh [LOGFILE]
set -euo pipefail
log="${1:-/dev/stderr}"
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
echo "$jars"
