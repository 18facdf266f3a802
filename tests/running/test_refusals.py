"""What keeps the server from starting is said in one line, and nothing is started or removed."""

import socket
from pathlib import Path

from tests.running.conftest import PROJECT, free_port, run

SERVE = ("-m", "workforce_tracker.serve")


def test_a_busy_port(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = run(*SERVE, data=tmp_path / "data", PORT=str(port))
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"Port {port} cannot be used")
    assert answer.stderr.count("\n") == 1
    assert [entry.name for entry in (tmp_path / "data").iterdir()] == ["lock"]


def test_a_port_that_is_no_number(tmp_path: Path) -> None:
    answer = run(*SERVE, data=tmp_path / "data", PORT="http")
    assert answer.returncode == 1
    assert answer.stderr == ('PORT is "http". Give a number from 1 to 65535, such as PORT=8001.\n')


def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = run(*SERVE, data=tmp_path / "file" / "data", PORT="0")
    assert answer.returncode == 1
    answer = run(*SERVE, data=tmp_path / "file" / "data", PORT=str(free_port()))
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"The data folder {tmp_path / 'file' / 'data'} cannot be made")
    assert answer.stderr.count("\n") == 1


def test_reset_removes_what_we_keep_and_nothing_else_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("ten years of work")
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox" / "message").write_text("")
    (tmp_path / "secret-key").write_text("old")
    run("-c", "from workforce_tracker.services import folder; folder.empty()", data=tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.docx"]


def test_reset_of_a_database_that_is_not_embedded(tmp_path: Path) -> None:
    answer = run(
        *SERVE,
        "--reset",
        data=tmp_path,
        PORT=str(free_port()),
        DATABASE_URL="postgres://db.example/tracker",
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith("--reset only empties the embedded database")


def test_an_argument_that_is_not_known(tmp_path: Path) -> None:
    answer = run(*SERVE, "--rest", data=tmp_path)
    assert answer.returncode == 1
    assert answer.stderr == "Unknown argument --rest. Usage: script/server [--reset]\n"


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    answer = run(
        *SERVE,
        data=tmp_path,
        PORT=str(free_port()),
        DATABASE_URL="postgres://nobody@127.0.0.1:1/none",
        CELERY_BROKER_URL="memory://",
        SECRET_KEY="x" * 50,
    )
    assert answer.returncode == 1
    assert "The database does not answer" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_production_needs_a_secret_key(tmp_path: Path) -> None:
    answer = run("manage.py", "check", data=tmp_path, DATABASE_URL="postgres://db.example/tracker")
    assert answer.returncode == 1
    assert "Set SECRET_KEY" in answer.stderr


def test_both_commands_are_plain_shell() -> None:
    for name in ("server", "test", "setup", "compile-requirements"):
        assert (PROJECT / "script" / name).read_text().startswith("#!/bin/sh\n")
