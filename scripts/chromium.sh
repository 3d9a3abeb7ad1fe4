#!/bin/sh
# The browser tests drive Debian's Chromium. Installs it where that is possible and welcome (Debian,
# as root); elsewhere says so, and the tests that need it are skipped with the same reason.
set -u

for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done

if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing chromium for the browser tests ..."
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    if { apt-get update -q && apt-get install -q -y --no-install-recommends chromium fonts-liberation; } \
        >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        exit 0
    fi
    echo "apt-get could not install chromium:"
    tail -n 3 "$log"
    rm -f "$log"
fi
echo "No Chromium here: the browser tests will be skipped (Debian or Ubuntu: apt install chromium)."
