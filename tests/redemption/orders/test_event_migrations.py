"""Histories that were written in words keep their meaning as registered events."""

import datetime as dt

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from redemption.models import Order
from tests import make
from tests.harness.owner import owner

WAITS, EVENTS = ("redemption", "0017_orders_wait_for_originals"), ("redemption", "0018_order_events_are_registered")


def migrate(*steps: tuple[str, str], backwards: bool = False) -> None:
    loader = MigrationLoader(connection)
    with owner() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # rows of this very transaction are altered
        for step in steps:
            state = loader.project_state(step, at_end=False)
            migration = loader.graph.nodes[step]
            with connection.schema_editor() as editor:
                (migration.unapply if backwards else migration.apply)(state, editor)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def words_of(order: Order) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT what FROM redemption_orderchange WHERE order_id = %s ORDER BY at, id", [order.pk])
        return [what for (what,) in cursor.fetchall()]


def add_words(order: Order, *words: str, now: dt.datetime) -> None:
    with connection.cursor() as cursor:
        for number, what in enumerate(words, 1):
            at = now + dt.timedelta(minutes=number)
            cursor.execute(
                "INSERT INTO redemption_orderchange (order_id, at, what, why) VALUES (%s, %s, %s, '')",
                [order.pk, at, what],
            )


def test_words_of_old_histories_become_events_and_columns_and_go_back(db, customer, now):
    waits, sought, fresh = (make.order(make.reward(make.campaign()), by=customer) for _order in range(3))
    Order.objects.filter(pk__in=[waits.pk, sought.pk]).update(is_missing=True)
    migrate(EVENTS, WAITS, backwards=True)
    add_words(waits, "missing", "equal offered", "equal declined", now=now)
    add_words(sought, "missing", "equal declined", "missing", "no equal found", now=now)

    migrate(WAITS, EVENTS)

    assert words_of(waits) == ["placed", "missing", "substitute_offered", "substitute_declined"]
    assert words_of(sought) == ["placed", "missing", "substitute_declined", "missing", "no_substitute"]
    columns = Order.objects.values_list("waits_for_original", "no_substitute_since")
    assert columns.get(pk=waits.pk) == (True, None)
    assert columns.get(pk=sought.pk) == (False, now + dt.timedelta(minutes=4))
    assert columns.get(pk=fresh.pk) == (False, None)

    migrate(EVENTS, WAITS, backwards=True)
    assert words_of(waits) == ["placed", "missing", "equal offered", "equal declined"]
    migrate(WAITS, EVENTS)
