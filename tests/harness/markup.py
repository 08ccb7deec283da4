"""Pages as markup, whatever white space stands between their tags."""

import re


def without_blanks(page: str) -> str:
    """``page`` on one line, and no blanks beside its tags."""
    return re.sub(r"\s*(<[^>]+>)\s*", r"\1", re.sub(r"\s+", " ", page))
