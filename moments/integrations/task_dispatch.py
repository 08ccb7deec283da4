"""Telling a worker that there is something to do, without ever waiting for a broker that does not answer."""

import functools
from typing import Any

from kombu.pools import producers

from moments.celery import app
from moments.integrations.circuit_breaker import CircuitBreaker
from moments.integrations.outbound_guard import refuse_inside_a_transaction

PATIENCE = 0.2  # seconds
broker_gone = CircuitBreaker(cooldown=5.0, name="The broker (Redis)", meanwhile="Work waits for the next sweep.")


@functools.cache
def _connection() -> Any:
    """For short messages out of a request; workers read through one that may wait."""
    limits = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
    return app.connection_for_write(transport_options=limits)


def enqueue(task: str, *arguments: object) -> bool:
    """Ask for ``task``, named by its path, now. False where the broker does not answer: a sweep finds the row."""
    refuse_inside_a_transaction()
    return send(task, *arguments)


def send(task: str, *arguments: object) -> bool:
    """The same for a caller that has no transaction: it does not touch PostgreSQL."""
    if broker_gone.is_open():
        return False
    try:
        with producers[_connection()].acquire(block=True, timeout=PATIENCE) as producer:
            app.send_task(task, arguments, producer=producer, retry=False)
    except Exception as error:  # whatever Redis or its clients raise: it is only a nudge
        broker_gone.trip(error)
        return False
    broker_gone.close()
    return True
