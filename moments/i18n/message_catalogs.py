"""Translation catalogs: extracted from the sources, merged and compiled.

``locale/sources.txt`` lists the files with texts for customers. Babel is used, so GNU gettext is not needed.
"""

import ast
import datetime as dt
import gettext
import importlib.util
import os
import pathlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

ROOT = pathlib.Path(__file__).parents[2]
FOLDER = ROOT / "locale"
APPS = [
    "moments",
    "accounts",
    "catalog",
    "outbox",
    "campaigns",
    "rewards",
    "redemption",
    "api",
    "console",
    "operations",
]

# Function → positions of its text arguments, counted from one.
KEYWORDS: dict[str, tuple[int, ...]] = dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "_noop"), (1,))
KEYWORDS |= {"ngettext": (1, 2), "ngettext_lazy": (1, 2)}
STRING = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
IN_TEMPLATE = re.compile(rf"\b(?:_|n?gettext)\(\s*({STRING}(?:\s*,\s*{STRING})?)")
WRITTEN_AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)  # fixed, because a changing date would cause merge conflicts

Text = tuple[str, ...]  # one text, or singular and plural


@dataclass(frozen=True)
class Line:
    """A line of ``sources.txt``."""

    sign: str
    pattern: str
    names: tuple[str, ...]


def lines() -> list[Line]:
    found = []
    for line in (FOLDER / "sources.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            sign, pattern, *names = line.split()
            found.append(Line(sign, pattern, tuple(names)))
    return found


def files() -> Iterator[str]:
    """Yield the paths of all files that may contain texts, relative to the root."""
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.is_file():
            yield path.relative_to(ROOT).as_posix()
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix()


def line_of(file: str, among: Iterable[Line]) -> Line | None:
    """Return the last matching line, or None."""
    fitting = [line for line in among if line.sign in "+-" and fnmatch(file, line.pattern)]
    return fitting[-1] if fitting else None


def texts_of(file: str, names: tuple[str, ...] = ()) -> list[Text]:
    source = (ROOT / file).read_text()
    return list(of_python(source, names) if file.endswith(".py") else of_template(source))


def of_template(source: str) -> Iterator[Text]:
    text = templatize(source)
    if "pgettext(" in text:
        raise ValueError("A text with a context is not gathered; word it so that it needs none.")
    for found in IN_TEMPLATE.finditer(text):
        yield ast.literal_eval(f"({found[1]},)")


def of_python(source: str, names: tuple[str, ...] = ()) -> Iterator[Text]:
    """Yield the texts passed to gettext; only within the named classes and functions (``Order.Status``), if any."""
    tree = ast.parse(source)
    for part in [_named(tree, name) for name in names] or [tree]:
        calls = [node for node in ast.walk(part) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
            places = KEYWORDS.get(getattr(call.func, "attr", getattr(call.func, "id", "")), ())
            given = [call.args[place - 1] for place in places if place <= len(call.args)]
            texts = tuple(str(node.value) for node in given if isinstance(node, ast.Constant) and node.value)
            if places and len(texts) == len(places):
                yield texts


def _named(tree: ast.AST, name: str) -> ast.AST:
    for part in name.split("."):
        found = next((node for node in ast.walk(tree) if getattr(node, "name", "") == part), None)
        if found is None:
            raise LookupError(f"locale/sources.txt names {name}, which is no longer there.")
        tree = found
    return tree


def of_library(module: str, names: tuple[str, ...], languages: Iterable[str]) -> Iterator[Text]:
    """Yield the texts of a library's module that it does not provide in all of our languages."""
    spec = importlib.util.find_spec(module)
    assert spec and spec.origin  # noqa: S101 - fails for a wrong line in sources.txt
    for text in of_python(pathlib.Path(spec.origin).read_text(), names):
        if not all(_translated(module, text[0], language) for language in languages):
            yield text


def _translated(module: str, text: str, language: str) -> str:
    """Return the library's translation; empty if there is none."""
    for folder in _folders(module):
        known = gettext.translation("django", folder, [to_locale(language)], fallback=True)
        if (found := known.gettext(text)) != text:
            return found
    return ""


def _folders(module: str) -> Iterator[pathlib.Path]:
    """Yield the folders that may contain the library's catalogs: its own, those of its parents and Django's."""
    while module:
        spec = importlib.util.find_spec(module)
        for place in (spec.submodule_search_locations if spec else None) or []:
            yield pathlib.Path(place) / "locale"
            yield pathlib.Path(place) / "conf" / "locale"
        module = module.rpartition(".")[0]


def gather(languages: Iterable[str]) -> Catalog:
    """Return a catalog of all English texts for customers, with the files that contain them."""
    languages, among = list(languages), lines()
    catalog = Catalog(charset="utf-8")
    for file in files():
        line = line_of(file, among)
        if line and line.sign == "+":
            _add(catalog, texts_of(file, line.names), file)
    for line in among:
        if line.sign == "@":
            _add(catalog, of_library(line.pattern, line.names, languages), line.pattern)
    return catalog


def _add(catalog: Catalog, texts: Iterable[Text], file: str) -> None:
    for text in texts:
        catalog.add(text if len(text) > 1 else text[0], locations=[(file, 0)])


def path_of(language: str) -> pathlib.Path:
    return FOLDER / to_locale(language) / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """Return a language's catalog; empty if it does not exist yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=to_locale(language))
    with path.open("rb") as file:
        return read_po(file, locale=to_locale(language))


def update(language: str, gathered: Catalog) -> list[str]:
    """Rewrite a language's catalog: keep translations and drop removed texts. Returns the texts without a
    translation.
    """
    known = read(language)
    catalog = Catalog(locale=to_locale(language), header_comment=HEADER % language, project="Moments", version="1")
    catalog.creation_date = catalog.revision_date = WRITTEN_AT
    for message in gathered:
        if message.id:
            found = known.get(message.id)
            string = found.string if found and not found.fuzzy else ""
            catalog.add(message.id, string or _borrowed(message, language), locations=message.locations)
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=120, include_lineno=False)
    return lacking(catalog)


HEADER = "# What customers read, in %s. `make messages` keeps it in step with the sources."


def _borrowed(message: Any, language: str) -> str:
    """Return the library's own translation, if it has one."""
    modules = [file for file, _line in message.locations if not file.endswith((".py", ".html", ".txt"))]
    if not modules or not isinstance(message.id, str):
        return ""
    return _translated(modules[0], message.id, language)


def lacking(catalog: Catalog) -> list[str]:
    """Return the English texts without a translation."""
    found = []
    for message in catalog:
        strings = [message.string] if isinstance(message.string, str) else message.string
        if message.id and not all(strings or [""]):
            found.append(message.id if isinstance(message.id, str) else message.id[0])
    return found


def compile_changed() -> None:
    """Compile every ``.po`` file that is newer than its ``.mo`` file, which is not in git."""
    for po in sorted(FOLDER.glob("*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns:
            with po.open("rb") as file:
                catalog = read_po(file, locale=po.parent.parent.name)
            half = mo.with_suffix(f".{os.getpid()}")
            with half.open("wb") as file:
                write_mo(file, catalog)
            half.replace(mo)
