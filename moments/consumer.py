"""What a Celery worker reads its queue with. The worker outlives the loss of its broker."""

from typing import Any

from celery.worker import consumer


class Consumer(consumer.Consumer):
    connection: Any

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """A lost connection takes nothing back and acknowledges nothing.

        Celery would do both over a pool that is already closed, and end the worker with an AttributeError. Redis still
        has the messages in hand: after the visibility timeout they are worked on again, which does no harm.
        """
        for channel in list(self.connection.transport.channels):
            channel.do_restore = False
            channel.basic_ack = channel.basic_reject = do_nothing
        super().on_connection_error_after_connected(exc)


def do_nothing(*_arguments: object, **_options: object) -> None:
    pass
