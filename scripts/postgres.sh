#!/bin/sh
# The database tests start Debian's PostgreSQL themselves. Installs it where that is possible and
# welcome (Debian, as root), without the server Debian would start; elsewhere says so, and the
# tests that need it are skipped with the same reason.
set -u

for found in ${POSTGRES_HOME:-/usr/lib/postgresql}/*/bin/initdb; do
    [ -x "$found" ] && exit 0
done
command -v initdb >/dev/null 2>&1 && exit 0

install() {
    apt-get update -q && apt-get install -q -y --no-install-recommends postgresql-common || return
    printf '\ncreate_main_cluster = false\n' >>/etc/postgresql-common/createcluster.conf || return
    apt-get install -q -y --no-install-recommends postgresql
}

if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing postgresql for the database tests ..."
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    if install >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        exit 0
    fi
    echo "apt-get could not install postgresql:"
    tail -n 3 "$log"
    rm -f "$log"
fi
echo "No PostgreSQL here: the database tests will be skipped (Debian or Ubuntu: apt install postgresql)."
