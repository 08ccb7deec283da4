"""Normalization of text for search: without accents, letter case and character width."""

import unicodedata
from typing import Any

from django.db.models import BooleanField, Expression, F, Func, Q, TextField, Value

# Letters that Unicode does not decompose, in the languages of the stores.
PLAIN = str.maketrans("øłđıħŧ", "oldiht")
PAIRS = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
MARKS = "\u0300", "\u036f"  # combining accents, without those of kana


def fold(text: str) -> str:
    """Normalize text: ``Schälmesser`` and ``SCHALMESSER`` become equal, ``ﾎﾟｹｯﾄ`` becomes ``ポケット``."""
    parts = unicodedata.normalize("NFKD", text)
    found = "".join(letter for letter in parts if not MARKS[0] <= letter <= MARKS[1]).lower()
    for pair, letters in PAIRS.items():
        found = found.replace(pair, letters)
    return found.translate(PLAIN)


class Folded(Func):
    """SQL equivalent of ``fold``."""

    output_field = TextField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra_context: Any) -> tuple[str, Any]:
        inner, params = compiler.compile(self.source_expressions[0])
        sql = f"lower(regexp_replace(normalize({inner}, NFKD), '[{MARKS[0]}-{MARKS[1]}]', '', 'g'))"
        for pair, letters in PAIRS.items():
            sql = f"replace({sql}, '{pair}', '{letters}')"
        plain = "".join(chr(code) for code in PLAIN), "".join(chr(code) for code in PLAIN.values())
        return f"translate({sql}, '{plain[0]}', '{plain[1]}')", params


def folded_contains(column: str | Expression, word: str) -> Q:
    """Return a filter for rows whose ``column`` contains ``word``, both normalized."""
    expression = F(column) if isinstance(column, str) else column
    return Q(Contains(Folded(expression), fold(word)))


class Contains(Func):
    """Substring test with ``position``, in which ``%`` and ``_`` are ordinary characters."""

    def __init__(self, text: Expression, part: str) -> None:
        super().__init__(text, Value(part, TextField()), output_field=BooleanField())

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra_context: Any) -> tuple[str, Any]:
        (text, text_params), (part, part_params) = (compiler.compile(each) for each in self.source_expressions)
        return f"position({part} in {text}) > 0", [*part_params, *text_params]
