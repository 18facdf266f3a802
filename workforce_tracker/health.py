"""GET /healthz: whether each part that the product runs on is up. For monitors, so no sign-in.

Each check is bounded in time and apart from the others: with the database gone the answer still
comes, as 503, and says so. What only the database knows (migrations, heartbeats) is then unknown.
"""

from collections.abc import Callable

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from workforce_tracker import heartbeat

UP, DOWN, PENDING, UNKNOWN = "up", "down", "pending", "unknown"
SILENT = {"state": UNKNOWN, "age_seconds": None}
UNSERVED = {"state": UNKNOWN, "unserved": []}
SECONDS = 2


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when every part is up, else 503 with the names of those that are not in "down"."""
    database = check_database()
    parts: dict[str, object] = {"database": database}
    if database == UP:
        parts["migrations"] = guarded(check_migrations, UNKNOWN)
        parts["worker"] = guarded(lambda: sign_of_life("worker"), SILENT)
        parts["beat"] = guarded(lambda: sign_of_life("beat"), SILENT)
        parts["queues"] = guarded(check_queues, UNSERVED)
    else:
        parts |= {"migrations": UNKNOWN, "worker": SILENT, "beat": SILENT, "queues": UNSERVED}
    parts["broker"] = check_broker()
    down = [name for name, value in parts.items() if state_of(value) != UP]
    body = {"status": DOWN if down else "ok", "down": down, **parts}
    return JsonResponse(body, status=503 if down else 200)


def state_of(value: object) -> object:
    """The state in a part's entry, which is the state itself or has it under "state"."""
    return value["state"] if isinstance(value, dict) else value


def guarded(check: Callable[[], object], otherwise: object) -> object:
    """The check's answer, or `otherwise` when the database fails it (no table yet, or gone)."""
    try:
        return check()
    except Error:
        return otherwise


def check_database() -> str:
    """Whether the database answers a question."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{SECONDS}s'")
            cursor.execute("SELECT 1")
    except Error:
        connection.close()
        return DOWN
    return UP


def check_migrations() -> str:
    """Whether the database has every migration that this code brings."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return PENDING if plan else UP


def check_broker() -> str:
    """Whether the broker takes a connection."""
    from workforce_tracker.celery import app

    options = {}
    if settings.CELERY_BROKER_URL.startswith("redis"):
        # Redis's client tries three times before it gives up.
        options = {"socket_connect_timeout": SECONDS / 2, "socket_timeout": SECONDS / 2}
    try:
        with app.connection_for_read(connect_timeout=SECONDS, transport_options=options) as link:
            link.connect()
    except Exception:  # each transport has errors of its own, and any of them means the same here
        return DOWN
    return UP


def sign_of_life(name: str) -> dict[str, object]:
    """A process by its last heartbeat: its state, and the heartbeat's age in seconds."""
    age = heartbeat.age(name)
    up = age is not None and age < heartbeat.DOWN_AFTER_SECONDS
    return {"state": UP if up else DOWN, "age_seconds": None if age is None else round(age, 1)}


def check_queues() -> dict[str, object]:
    """Whether a live worker takes work from each queue, and the names of those without one."""
    names = [queue.name for queue in settings.CELERY_TASK_QUEUES]
    signs = {name: sign_of_life(heartbeat.queue_sign(name)) for name in names}
    unserved = [name for name in names if signs[name]["state"] != UP]
    return {"state": DOWN if unserved else UP, "unserved": unserved}
