"""Sending tasks to workers without waiting for an unavailable broker."""

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
    """Return a connection with short timeouts for sending; workers use another one to read."""
    limits = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
    return app.connection_for_write(transport_options=limits)


def enqueue(task: str, *arguments: object) -> bool:
    """Send the task with this path now. Returns False if the broker is down; a sweep does the work then."""
    refuse_inside_a_transaction()
    return send(task, *arguments)


def send(task: str, *arguments: object) -> bool:
    """Like ``enqueue``, for callers outside of transactions. Does not access PostgreSQL."""
    if broker_gone.is_open():
        return False
    try:
        with producers[_connection()].acquire(block=True, timeout=PATIENCE) as producer:
            app.send_task(task, arguments, producer=producer, retry=False)
    except Exception as error:  # any broker error is acceptable: a sweep follows
        broker_gone.trip(error)
        return False
    broker_gone.close()
    return True
