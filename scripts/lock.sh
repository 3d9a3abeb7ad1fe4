#!/bin/sh
# Remakes requirements.lock: one exact version per package for every Python and system we support.
# It needs uv. The file names no registry and no path, so it can be committed as it is.
set -eu
cd "$(dirname "$0")/.."
uv pip compile --quiet --universal --python-version 3.11 --all-extras --strip-extras \
    --no-annotate --no-header --no-emit-index-url pyproject.toml --output-file requirements.lock
