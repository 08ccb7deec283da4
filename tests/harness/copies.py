"""Rows that services made once in this process, written again with other identities: a campaign takes 150 statements
to make and two to copy.

The services make the first of a kind. What it added to the tables is a template: a copy has its own
keys, UUIDs, names and times, and otherwise what the services wrote, word for word.
"""

import datetime as dt
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models

from moments import clock

NUMBERED = re.compile("(Organization|App|Campaign|Product) [0-9]+$|(user|SKU-)[0-9]+-[0-9a-f]{6}(@|$)")
NOT_LATER = {"rewards_expire_at"}  # a date's; a template is used on the day on which it was made


@dataclass
class Row:
    model: type[models.Model]
    values: dict[str, str | None]  # by column, as PostgreSQL writes them

    @property
    def key(self) -> tuple[str, str]:
        pk = self.model._meta.pk
        return kin(pk.remote_field.model if pk.remote_field else self.model), self.values[pk.column]


@dataclass
class Template:
    """``given`` are the rows that were there before, which each copy has others of."""

    rows: list[Row]
    made_at: dt.datetime
    given: list[models.Model]

    def __post_init__(self) -> None:
        self.counted = [row for row in self.rows if isinstance(row.model._meta.pk, models.AutoField)]
        names = [f"pg_get_serial_sequence('{row.model._meta.db_table}', 'id')" for row in self.counted]
        self.next_keys = f"SELECT {', '.join(f'nextval({name})' for name in names)}"
        self.insert = ";\n".join(statement(row) for row in self.rows)
        self.names = [name for row in self.rows for name in row.values.values() if NUMBERED.match(name or "")]

    def copy(self, given: list[models.Model], numbers: Iterator[int]) -> Callable[[models.Model], str]:
        """Writes it; the function that finds the key of the copy of a row of the template."""
        later = clock.now() - self.made_at
        pairs = list(zip(self.given, given, strict=True))
        keys = {(kin(type(old)), str(old.pk)): str(new.pk) for old, new in pairs}
        others = [(known_as(old), known_as(new)) for old, new in pairs]
        others += [(name, re.sub("[0-9]+", str(next(numbers)), name, count=1)) for name in dict.fromkeys(self.names)]
        others += [(moment.isoformat(), (moment + later).isoformat()) for moment in self.moments()]
        for row in self.rows:
            for old, new in fresh_uuids(row):
                others.append((old, new))
                if row.key[1] == old:
                    keys[row.key] = new
        with connection.cursor() as cursor:
            cursor.execute(self.next_keys)
            keys |= {row.key: str(number) for row, number in zip(self.counted, cursor.fetchone(), strict=True)}
            cursor.execute(self.insert, [part for row in self.rows for part in parameters(row, keys, others, later)])
        return lambda row: keys[kin(type(row)), str(row.pk)]

    def moments(self) -> set[dt.datetime]:
        """Times that are named in the content of others."""
        found = {row.values[name] for row in self.rows for name in ("starts_at", "ends_at") if name in row.values}
        return {dt.datetime.fromisoformat(text) for text in found if text}

    def is_of_today(self) -> bool:
        return self.made_at.date() == clock.now().date()


def kin(model: type[models.Model]) -> str:
    return model._meta.concrete_model._meta.label


def known_as(row: models.Model) -> str:
    return row.email if hasattr(row, "email") else row.name


def fresh_uuids(row: Row) -> Iterable[tuple[str, str]]:
    for column in row.model._meta.concrete_fields:
        if isinstance(column, models.UUIDField) and row.values[column.column]:
            yield row.values[column.column], str(column.get_default() or uuid.uuid4())


def statement(row: Row) -> str:
    columns, places = [], []
    for column in row.model._meta.concrete_fields:
        columns.append(f'"{column.column}"')
        places.append("%s::timestamptz + %s" if is_later(row, column) else "%s")
    return f'INSERT INTO "{row.model._meta.db_table}" ({", ".join(columns)}) VALUES ({", ".join(places)})'  # noqa: S608


def is_later(row: Row, column: models.Field) -> bool:
    is_time = isinstance(column, models.DateTimeField) and column.name not in NOT_LATER
    return is_time and row.values[column.column] is not None


def parameters(row: Row, keys: dict, words: list[tuple[str, str]], later: dt.timedelta) -> Iterable[object]:
    for column in row.model._meta.concrete_fields:
        value = row.values[column.column]
        if value is not None and (column.primary_key or column.remote_field):
            model = column.remote_field.model if column.remote_field else row.model
            value = keys.get((kin(model), value), value)
        elif isinstance(value, str) and not is_later(row, column):
            for old, new in words:
                value = value.replace(old, new)
            if column.name == "dedupe_key":
                value = other_dedupe_key(value, keys)
        yield value
        if is_later(row, column):
            yield later


def other_dedupe_key(value: str, keys: dict) -> str:
    """``submitted:17`` names a version, ``campaign_approved:…:17`` whom it is mailed to."""
    rest, _colon, number = value.rpartition(":")
    model = "campaigns.CampaignVersion" if rest == "submitted" else "accounts.User"
    return f"{rest}:{keys[model, number]}" if number.isdecimal() else value


def recorded(make: Callable[[], models.Model], given: list[models.Model], labels: list[str]) -> tuple:
    """What ``make`` makes, and a template of the rows that it added to the tables of these models."""
    tables = [apps.get_model(label) for label in labels]
    before = {model: set(keys_of(model)) for model in tables}
    made_at = clock.now()
    made = make()
    rows = [row for model in tables for row in rows_of(model, set(keys_of(model)) - before[model])]
    return made, Template(rows, made_at, given)


def keys_of(model: type[models.Model]) -> Iterable[object]:
    return model._base_manager.values_list("pk", flat=True)


def rows_of(model: type[models.Model], keys: set) -> list[Row]:
    if not keys:
        return []
    columns = [column.column for column in model._meta.concrete_fields]
    query = f"SELECT {', '.join(f'{name}::text' for name in map(quoted, columns))} FROM {quoted(model._meta.db_table)}"
    with connection.cursor() as cursor:
        cursor.execute(f"{query} WHERE {quoted(model._meta.pk.column)} = ANY(%s) ORDER BY 1", [list(keys)])
        return [Row(model, dict(zip(columns, values, strict=True))) for values in cursor.fetchall()]


def quoted(name: str) -> str:
    return f'"{name}"'
