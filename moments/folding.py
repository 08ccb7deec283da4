"""Text as people search for it: without accents, letter case, or the width that a keyboard gave it."""

import unicodedata
from typing import Any

from django.db.models import BooleanField, Expression, F, Func, Q, TextField, Value

# What Unicode does not take apart, for languages of the stores.
PLAIN = str.maketrans("øłđıħŧ", "oldiht")
PAIRS = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
MARKS = "\u0300", "\u036f"  # combining accents; those of kana are none


def fold(text: str) -> str:
    """``Schälmesser`` and ``SCHALMESSER`` alike; ``ﾎﾟｹｯﾄ`` as ``ポケット``."""
    parts = unicodedata.normalize("NFKD", text)
    found = "".join(letter for letter in parts if not MARKS[0] <= letter <= MARKS[1]).lower()
    for pair, letters in PAIRS.items():
        found = found.replace(pair, letters)
    return found.translate(PLAIN)


class Folded(Func):
    """The same in SQL."""

    output_field = TextField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra_context: Any) -> tuple[str, Any]:
        inner, params = compiler.compile(self.source_expressions[0])
        sql = f"lower(regexp_replace(normalize({inner}, NFKD), '[{MARKS[0]}-{MARKS[1]}]', '', 'g'))"
        for pair, letters in PAIRS.items():
            sql = f"replace({sql}, '{pair}', '{letters}')"
        plain = "".join(chr(code) for code in PLAIN), "".join(chr(code) for code in PLAIN.values())
        return f"translate({sql}, '{plain[0]}', '{plain[1]}')", params


def folded_contains(column: str | Expression, word: str) -> Q:
    """Rows whose ``column`` has ``word`` in it, however either is written."""
    expression = F(column) if isinstance(column, str) else column
    return Q(Contains(Folded(expression), fold(word)))


class Contains(Func):
    """``position`` knows no wildcards, so that ``%`` and ``_`` are letters."""

    def __init__(self, text: Expression, part: str) -> None:
        super().__init__(text, Value(part, TextField()), output_field=BooleanField())

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra_context: Any) -> tuple[str, Any]:
        (text, text_params), (part, part_params) = (compiler.compile(each) for each in self.source_expressions)
        return f"position({part} in {text}) > 0", [*part_params, *text_params]
