"""Which queue a task goes to, and that it goes to no other."""

import pytest
from kombu import Connection, Queue

from workforce_tracker.celery import app

ROUTES = {
    "commitments.reminders.tasks.send_due_reminders": "mail",
    "commitments.reminders.tasks.sweep_reminders": "mail",
    "commitments.uploads.tasks.anything": "files",
    "commitments.insight.tasks.anything": "reports",
    "anything.else": "files",
}


@pytest.mark.parametrize(("task", "queue"), ROUTES.items())
def test_a_task_goes_to_its_queue_and_to_no_other(task: str, queue: str) -> None:
    found = app.amqp.router.route({}, task)["queue"]
    assert found.name == queue
    with Connection("memory://") as connection:
        queues: list[Queue] = [each.bind(connection) for each in app.amqp.queues.values()]
        for each in queues:
            each.declare()
            each.purge()
        producer = connection.Producer(exchange=found.exchange, routing_key=found.routing_key)
        producer.publish({"task": task})
        assert [each.name for each in queues if each.get(no_ack=True)] == [queue]


def test_every_task_that_beat_sends_exists_and_expires() -> None:
    for entry in app.conf.beat_schedule.values():
        app.loader.import_default_modules()
        assert entry["task"] in app.tasks
        assert entry["options"]["expires"] <= 60 * 60
