"""`python -m tests.chaos reminders|uploads`: start throw-away services, break things, count."""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
from importlib import import_module
from pathlib import Path

QUICK = 300


def main() -> int:
    """Run it; 0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="script/chaos", description=__doc__)
    parser.add_argument("name", choices=["reminders", "uploads"])
    parser.add_argument("--recipients", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20, help="uploads: how many")
    parser.add_argument("--rows", type=int, default=2_000, help="uploads: in each file")
    parser.add_argument("--quick", action="store_true",
                        help=f"{QUICK} recipients, one season; 3 kills")  # fmt: skip
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--broker", default="", help="instead of a Redis of its own: amqp://...")
    parser.add_argument("--minutes", type=float, default=25, help="give up after as long as this")
    arguments = parser.parse_args()
    recipients = QUICK if arguments.quick else arguments.recipients
    seasons = 1 if arguments.quick else 3
    print(f"seed {arguments.seed}", flush=True)

    folder = Path(tempfile.mkdtemp(prefix="wt-chaos-"))
    os.chmod(folder, 0o711)
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", "NOTIFY_API_KEY", "EMAIL_DIVERT_TO"):
        os.environ.pop(name, None)
    os.environ |= {
        "DATA_DIR": str(folder / "data"),
        "CHAOS_CLOCK": str(folder / "clock"),
        "SITE_URL": "http://localhost",
        "DJANGO_SETTINGS_MODULE": "workforce_tracker.settings",
    }
    if arguments.broker:
        os.environ["CELERY_BROKER_URL"] = arguments.broker
    (folder / "clock").write_text("2026-10-23T06:00:00+01:00")
    from workforce_tracker import services

    # TERM ends a run as Ctrl-C does: by stopping what it started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with services.start(durable=False):
            seconds = arguments.minutes * 60
            if arguments.name == "uploads":
                kills = 3 if arguments.quick else arguments.kills
                numbers = (kills, arguments.rows)
            else:
                numbers = (recipients, seasons)
            return _run(arguments.name, numbers, arguments.seed, seconds, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(name: str, numbers: tuple[int, int], seed: int, seconds: float, folder: Path) -> int:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    chaos = import_module(f"tests.chaos.{name}")
    try:
        found = chaos.run(*numbers, seed, seconds, folder)
    except chaos.Wrong as wrong:
        print(f"WRONG: {wrong}")
        for log in sorted(folder.glob("*.log")):
            print(f"--- {log.name}\n{log.read_text()[-2000:]}")
        return 1
    width = max(len(name) for name, _ in found)
    for name, value in found:
        print(f"{name:<{width}}  {value:>10,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
