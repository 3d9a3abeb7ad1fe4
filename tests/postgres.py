"""A PostgreSQL server of the tests' own: Debian's, in a folder of its own, for one module.

It listens on 127.0.0.1 only, on a port that was free, with a password, and is stopped and
deleted with the folder. It refuses to run as root, so root runs it as another user.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

USER, PASSWORD = "researcher", "s3cret-horse"
PLACES = "/usr/lib/postgresql/*/bin"
QUIET = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"


def program(name: str) -> str | None:
    """A program of PostgreSQL; Debian keeps them out of the PATH, one folder a version."""
    folders = sorted(Path("/").glob(PLACES.lstrip("/")), reverse=True)
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *map(str, folders)]))


@contextmanager
def running() -> Iterator[str]:
    """The URI of a server that runs while the block does; skips where there is none."""
    if os.name != "posix" or program("initdb") is None or program("pg_ctl") is None:
        pytest.skip("no PostgreSQL on this machine (Debian or Ubuntu: apt install postgresql)")
    with tempfile.TemporaryDirectory(prefix="cxlab-pg-") as folder:
        place = Path(folder)
        user = _owner(place)
        _init(place, user)
        port = _free_port()
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= {QUIET}"
        )
        _run(
            user, "pg_ctl", "-D", place / "data", "-w", "-l", place / "log", "-o", options, "start"
        )
        try:
            yield f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/postgres"
        finally:
            _run(user, "pg_ctl", "-D", place / "data", "-m", "immediate", "stop")


def _owner(place: Path) -> dict[str, Any]:
    """Who runs the server: whoever runs the tests, but for root somebody without rights."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    os.chown(place, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _init(place: Path, user: dict[str, Any]) -> None:
    secret = place / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    _run(
        user,
        *("initdb", "-D", place / "data", "-U", USER, "-A", "scram-sha-256"),
        *("--pwfile", secret, "-E", "UTF8", "--locale=C", "--no-sync"),
    )


def _run(user: dict[str, Any], name: str, *arguments: object) -> None:
    found = program(name)
    assert found
    # Into a file: the server would hold a pipe open for as long as it runs.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            [found, *map(str, arguments)], cwd="/", stdout=said, stderr=said, timeout=60, **user
        )
        said.seek(0)
        assert done.returncode == 0, said.read().decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
