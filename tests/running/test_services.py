"""The embedded PostgreSQL and Redis: what they offer, where they live, how they end."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
from django.core.management import call_command
from django.db import connection

from tests.running.conftest import LONG, PROJECT, alive, environment, eventually, run

# Starts the services, says so, and waits to be told to end.
HOLD = """
import sys
from workforce_tracker import services
with services.claim() as claimed, services.start() as children:
    services.postgres.connect("workforce_tracker").close()
    print(" ".join(str(child.process.pid) for child in children), flush=True)
    sys.stdin.read()
"""


def hold(data: Path) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """A process that runs the services on `data`, and the servers that it started."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        cwd=PROJECT,
        env=environment(data),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout
    servers = [psutil.Process(int(pid)) for pid in holder.stdout.readline().split()]
    assert len(servers) == 2
    return holder, servers


@pytest.mark.django_db
def test_the_database_reads_every_letter_and_has_the_search_extensions() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_available_extensions")
        assert {"pg_trgm", "unaccent"} <= {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT lower('ÉLŴ'), to_tsvector('simple', 'ÉCOLE')::text")
        assert cursor.fetchone() == ("élŵ", "'école':1")
        cursor.execute("SHOW listen_addresses")
        assert cursor.fetchone() == ("",)


@pytest.mark.django_db
def test_models_and_migrations_say_the_same() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)


def test_only_the_owner_can_reach_the_sockets() -> None:
    # pytest's own folders may be too long for a socket, which then lies elsewhere.
    with tempfile.TemporaryDirectory(prefix="wt-") as folder:
        os.chmod(folder, 0o711)
        data = Path(folder) / "data"
        holder, _ = hold(data)
        try:
            for name in ("postgres", "redis"):
                assert (data / "run" / name).stat().st_mode & 0o077 == 0
            assert data.stat().st_mode & 0o007 == 0
        finally:
            holder.communicate(timeout=LONG)


def test_a_long_path_with_spaces_works_and_nothing_is_left_running(tmp_path: Path) -> None:
    data = tmp_path / ("a folder with a long name, " * 6) / "data"
    holder, servers = hold(data)
    holder.communicate(timeout=LONG)
    assert holder.returncode == 0
    assert not alive(servers)
    assert (data / "postgres" / "PG_VERSION").exists()


def test_services_whose_supervisor_was_killed_do_not_block_the_next_start(tmp_path: Path) -> None:
    holder, servers = hold(tmp_path / "data")
    holder.kill()
    holder.wait(LONG)
    second, replaced = hold(tmp_path / "data")
    try:
        eventually(lambda: not alive(servers))
        assert alive(replaced) == replaced
    finally:
        second.communicate(timeout=LONG)


def test_a_command_runs_the_services_itself_and_stops_them(tmp_path: Path) -> None:
    before = set(psutil.pids())
    answer = run("manage.py", "showmigrations", "contenttypes", data=tmp_path / "data")
    assert answer.returncode == 0, answer.stderr
    assert "[ ] 0001_initial" in answer.stdout
    assert not (tmp_path / "data" / "postgres" / "postmaster.pid").exists()
    # Asked for in one go, a process that ends meanwhile (another worker's) has no command line;
    # asked for one by one it would be an error.
    commands = [
        " ".join(process.info["cmdline"] or [])
        for process in psutil.process_iter(["cmdline"])
        if process.pid not in before
    ]
    assert not [command for command in commands if str(tmp_path) in command]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_can_run_them_too(tmp_path: Path) -> None:
    from workforce_tracker.services.postgres import account

    nobody = account()
    assert nobody is not None
    reach = {"user": nobody.uid, "group": nobody.gid, "extra_groups": []}
    if subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} --version"], cwd="/", **reach
    ).returncode:
        pytest.skip("this Python lies in a folder that is closed to other accounts")
    data = Path(tempfile.mkdtemp(prefix="wt-ordinary-", dir="/tmp"))
    os.chown(data, nobody.uid, nobody.gid)
    try:
        answer = subprocess.run(
            [sys.executable, "manage.py", "showmigrations", "contenttypes"],
            cwd=PROJECT,
            env=environment(data / "data", HOME=str(data)),
            **reach,
            capture_output=True,
            text=True,
            timeout=LONG,
        )
        assert answer.returncode == 0, answer.stderr
    finally:
        subprocess.run(["rm", "-rf", str(data)], check=True)
