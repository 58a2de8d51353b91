#!/usr/bin/env bash
# Installs what the console's browser tests need, if it is missing, and prints two
# lines: SCIMGATE_TEST_BROWSER (Debian's chromium) and SCIMGATE_TEST_AXE (axe-core,
# from npm), ready for `export` or for `env`.
#   eval "$(.ci/browser/install.sh | sed 's/^/export /')"
set -euo pipefail
cache="${XDG_CACHE_HOME:-$HOME/.cache}/scimgate-ci"
axe=axe-core-4.14.1
mkdir -p "$cache"

if ! command -v chromium >/dev/null; then
  sudo=$(command -v sudo || true)
  {
    $sudo apt-get -o DPkg::Lock::Timeout=300 update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends chromium fonts-liberation
  } >&2
fi
if [ ! -s "$cache/$axe.js" ]; then
  work="$(mktemp -d)"
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && npm pack --silent "${axe%-*}@${axe##*-}" >/dev/null && tar -xzf "$axe.tgz" package/axe.min.js) >&2
  mv "$work/package/axe.min.js" "$cache/$axe.js"
fi
echo "SCIMGATE_TEST_BROWSER=$(command -v chromium)"
echo "SCIMGATE_TEST_AXE=$cache/$axe.js"
