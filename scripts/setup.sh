#!/bin/sh
# Makes .venv hold exactly what requirements.lock says, or leaves it alone when it already does.
#   sh scripts/setup.sh         what a report needs
#   sh scripts/setup.sh test    that, and what the tests need
set -eu
cd "$(dirname "$0")/.."

want=${1:-run}
lock=requirements.lock
venv=.venv
py=$venv/bin/python

say() { printf '%s\n' "$*"; }

# A python that is 3.11, 3.12 or 3.13 *and runs* (a version manager's shim may exist and not run).
suits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; }

find_python() {
    for name in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        if command -v "$name" >/dev/null 2>&1 && suits "$name"; then
            command -v "$name"
            return
        fi
    done
    say "cxlab needs Python 3.11, 3.12 or 3.13; none of '${PYTHON:-python3.13 python3.12 python3.11 python3 python}' is one." >&2
    say "Install one, or name it: make PYTHON=/path/to/python3.12 ..." >&2
    exit 2
}

# What the environment was made from: change any of it and it is made again.
stamp() { printf '%s %s\n' "$PWD" "$(cat pyproject.toml $lock scripts/setup.sh | cksum)"; }
made() { [ -x $py ] && [ "$(cat "$venv/made-$1" 2>/dev/null)" = "$(stamp)" ]; }

create() {
    rm -rf $venv
    if command -v uv >/dev/null 2>&1; then
        uv venv --quiet --no-python-downloads --python "$1" $venv
    elif ! "$1" -m venv $venv; then
        rm -rf $venv
        say "$1 cannot make a virtual environment (on Debian: apt install python3-venv)." >&2
        exit 2
    fi
}

# Links into a shared cache would be hard links, which nltk and others refuse to read: copy.
install() {
    if command -v uv >/dev/null 2>&1; then
        UV_LINK_MODE=copy uv pip install --quiet --python $py --constraints $lock --editable "$1"
    else
        $py -m pip install -qq --disable-pip-version-check --no-compile --constraint $lock --editable "$1"
    fi
}

# Byte code once, now, whatever PYTHONDONTWRITEBYTECODE says: it halves the cost of every report.
compile() {
    env -u PYTHONDONTWRITEBYTECODE $py -m compileall -q -j 0 -x '/tests/' $venv/lib >/dev/null 2>&1 || true
}

if made test || { [ "$want" = run ] && made run; }; then
    exit 0
fi
made run || {
    python=$(find_python)
    say "Setting up $venv with $("$python" -V); this takes a minute or two, once ..."
    create "$python"
}
if [ "$want" = test ]; then install ".[databases,cluster,test]"; else install "."; fi
compile
stamp > "$venv/made-$want"
