"""A PostgreSQL for this test run only, so that tests never meet a running server's data.

Loaded by pyproject.toml before Django reads its settings. Each pytest process has a throw-away data
folder; the workers of pytest-xdist share their parent's. Tests that need DATABASE_URL's server
instead set it, and nothing is started.
"""

import os
import shutil
import signal
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import chromium

IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
cleaning = ExitStack()


def remove(folder: str) -> None:
    """Remove the throw-away folder, whoever owns its parts."""
    shutil.rmtree(folder, ignore_errors=True)


if not IS_WORKER:
    folder = tempfile.mkdtemp(prefix="wt-tests-")
    # Root runs PostgreSQL under another account, which must be able to come this way.
    os.chmod(folder, 0o711)
    cleaning.callback(remove, folder)
    os.environ["DATA_DIR"] = str(Path(folder) / "data")
    # The broker's address is only needed by tests that start their own server.
    os.environ.setdefault("CELERY_BROKER_URL", "memory://")


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers, in the one process that all the workers share."""
    serve_static_files_as_they_are()
    wait_for_no_lock_for_ever()
    if IS_WORKER or config.option.help or config.option.collectonly:
        return
    from workforce_tracker import services

    # TERM ends a run as Ctrl-C does: by stopping what it started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    cleaning.enter_context(services.start(durable=False))


def serve_static_files_as_they_are() -> None:
    """Spare each run collectstatic; the full start, which needs it, has tests of its own."""
    from django.conf import settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


def wait_for_no_lock_for_ever() -> None:
    """A test that waits for another connection's lock, which nothing else can interrupt, fails."""
    from django.conf import settings

    options = settings.DATABASES["default"].setdefault("OPTIONS", {})
    options["options"] = f"{options.get('options', '')} -c lock_timeout=120s".strip()


def pytest_unconfigure() -> None:
    """Stop them, also after Ctrl-C."""
    cleaning.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a Chromium skip the browser tests and say why; under CI that is a failure."""
    browser_tests = [item for item in items if item.get_closest_marker("browser")]
    if not browser_tests or chromium.find():
        return
    if os.environ.get("CI"):
        raise pytest.UsageError(chromium.MISSING)
    for item in browser_tests:
        item.add_marker(pytest.mark.skip(reason=chromium.MISSING))
