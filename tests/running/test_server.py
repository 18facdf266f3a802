"""script/server's supervisor, with real processes: start, signs of life, accidents, the end."""

import signal
import time

import pytest

from tests.running.conftest import LONG, Server, alive, eventually, free_port, run
from workforce_tracker.serve import DEMONSTRATION_ACCOUNTS

# One server for all of them: starting it is the slow part.
pytestmark = pytest.mark.xdist_group("server")


def test_prints_the_address_the_accounts_and_their_password(server: Server) -> None:
    said = server.said()
    assert f"http://localhost:{server.port}/" in said
    assert all(email in said for email, _ in DEMONSTRATION_ACCOUNTS)
    assert (server.data / "demo-password.txt").read_text().strip() in said


def test_healthz_says_that_every_part_is_up(server: Server) -> None:
    status, body = eventually(lambda: (found := server.health())[0] == 200 and found)
    assert status == 200
    assert body["status"] == "ok"
    assert body["down"] == []
    assert {body[part] for part in ("database", "migrations", "broker")} == {"up"}
    assert {body[part]["state"] for part in ("worker", "beat")} == {"up"}
    assert 0 <= body["beat"]["age_seconds"] < 30


def test_pages_and_their_static_files_are_served(server: Server) -> None:
    status, page = server.get("/accounts/login/")
    assert status == 200
    stylesheet = page.split('<link rel="stylesheet" href="')[1].split('"')[0]
    assert server.get(stylesheet)[0] == 200


def test_a_second_server_on_the_same_folder_is_refused_in_one_line(server: Server) -> None:
    # Its own port too: that the folder is in use is what helps, another port would not.
    answer = run("-m", "workforce_tracker.serve", data=server.data, PORT=str(server.port))
    assert answer.returncode == 1
    assert answer.stderr.strip() == (
        f"Another server or command is using {server.data}. Stop it first."
    )


def test_reset_beside_a_running_server_is_refused_and_removes_nothing(server: Server) -> None:
    other = str(free_port())
    answer = run("-m", "workforce_tracker.serve", "--reset", data=server.data, PORT=other)
    assert answer.returncode == 1
    assert (server.data / "postgres").is_dir()
    assert server.health()[1]["database"] == "up"


def test_commands_find_the_running_database(server: Server) -> None:
    answer = run("manage.py", "migrate", "--check", data=server.data)
    assert answer.returncode == 0, answer.stderr


def test_a_broker_that_hangs_is_named(server: Server) -> None:
    eventually(lambda: server.health()[0] == 200)
    broker = server.child("redis")
    broker.send_signal(signal.SIGSTOP)
    try:
        status, body = server.health()
    finally:
        broker.send_signal(signal.SIGCONT)
    assert status == 503
    assert body["status"] == "down"
    assert body["down"] == ["broker"]
    eventually(lambda: server.health()[0] == 200)


@pytest.mark.parametrize(
    ("name", "words"),
    [("Worker", ["celery", "worker"]), ("Redis", ["redis"]), ("PostgreSQL", ["postgres", "-D"])],
)
def test_what_dies_is_named_and_started_again(server: Server, name: str, words: list[str]) -> None:
    victim = server.child(*words)
    victim.kill()
    eventually(lambda: f"{name} stopped unexpectedly" in server.said())
    eventually(lambda: psutil_child(server, words) not in (None, victim.pid))
    eventually(lambda: server.health()[0] == 200)


def psutil_child(server: Server, words: list[str]) -> int | None:
    """The pid of the child now, or None while there is none."""
    try:
        return server.child(*words).pid
    except LookupError:
        return None


def test_data_survives_a_restart_and_nothing_is_left_running(server: Server) -> None:
    password = (server.data / "demo-password.txt").read_text()
    family = server.family()
    assert len(family) > 8
    assert server.stop() == 0
    eventually(lambda: not alive(family))

    again = Server(server.data)
    try:
        again.wait_until_started()
        assert (server.data / "demo-password.txt").read_text() == password
        assert "load_plans" not in again.said()
        family = again.family()
        # Ctrl-C, twice: the second must not break off the first.
        again.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        again.process.send_signal(signal.SIGINT)
        assert again.process.wait(LONG) == 0
        eventually(lambda: not alive(family))
    finally:
        if again.process.poll() is None:
            again.stop()
