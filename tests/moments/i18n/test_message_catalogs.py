"""What customers read is gathered, translated, compiled."""

import os
import re

import pytest
from django.conf import settings

from moments.i18n import message_catalogs
from moments.registry import emails

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
INCLUDED = re.compile(r"{% (?:include|extends) \"([^\"]+)\"")


def is_translated(file: str) -> bool:
    line = message_catalogs.line_of(file, message_catalogs.lines())
    return bool(line and line.sign == "+")


@pytest.fixture(scope="module")
def gathered():
    return message_catalogs.gather(LANGUAGES)


def test_whoever_adds_a_file_with_texts_says_whom_it_is_for():
    among = message_catalogs.lines()
    unlisted = [file for file in message_catalogs.files() if not message_catalogs.line_of(file, among)]

    assert [file for file in unlisted if message_catalogs.texts_of(file)] == []


def test_what_a_customers_page_is_made_of_is_translated_too():
    customers = [file for file in message_catalogs.files() if file.endswith(".html") and is_translated(file)]
    missing = {
        (file, part)
        for file in customers
        for part in INCLUDED.findall((message_catalogs.ROOT / file).read_text())
        if (message_catalogs.ROOT / "templates" / part).exists() and not is_translated(f"templates/{part}")
    }

    assert customers
    assert [(file, part) for file, part in missing if message_catalogs.texts_of(f"templates/{part}")] == []


def test_every_page_in_the_customers_frame_is_translated():
    framed = re.compile(r"{% extends \"(redemption|plain|error|account/is_it_you)\.html\"")
    pages = [file for file in message_catalogs.files() if file.endswith(".html")]
    found = {file for file in pages if framed.search((message_catalogs.ROOT / file).read_text())}
    of_developers = {
        "templates/accounts/organizations/join.html",
        "templates/outbox/emails/mail.html",
        "templates/outbox/emails/mailbox.html",
    }
    of_developers |= {"templates/operations/stop_digest.html"}  # operators
    of_developers |= {"templates/console/reports/unsubscribe.html", "templates/console/organization/new.html"}

    assert {file for file in found if not is_translated(file)} <= of_developers


def test_every_mail_but_a_developers_is_translated():
    english = {kind for kind in emails if not is_translated(f"templates/emails/{kind}.html")}
    of_developers = {kind for kind in emails if kind.startswith("campaign_")}

    of_developers |= {"budget_threshold", "exchange_stuck", "operator_digest", "payment_failed"}
    of_developers |= {"report", "statement_ready", "webhook_disabled"}
    assert english == of_developers


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogs_are_in_step_with_the_sources(gathered, language):
    known = message_catalogs.read(language)

    assert {message.id for message in known if message.id} == {message.id for message in gathered if message.id}


HOLES = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}|</?\w+[^>]*>")
# Names, and words that are the same in these languages.
SAME: dict[str, set[str]] = {
    "de": {"App", "Status", "China", "Code", "Eircode", "Japan", "Name", "Oblast", "Passkeys", "Text"},
    "es": {"Australia", "China", "Eircode", "India", "no"},
    "fr": {
        "%(shown)s points",
        "<strong>%(shown)s</strong> points",
        "Canada",
        "Code",
        "Console",
        "District",
        "Eircode",
        "France",
        "Message",
        "Oblast",
        "Page",
        "Pages",
        "Points",
        "Province",
        "Sessions",
    },
    "it": {"App", "Australia", "Canada", "Console", "Eircode", "India", "Password", "no"},
    "pt-br": {"China", "Console", "Eircode", "Item", "Oblast"},
    "hi": set(),
    "ja": set(),
    "zh-hans": set(),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_with_its_holes(language):
    known = message_catalogs.read(language)
    wrong = []
    for message in known:
        given = [message.id] if isinstance(message.id, str) else [message.id[-1]]
        said = [message.string] if isinstance(message.string, str) else list(message.string)
        if message.id and (message.fuzzy or not all(said) or any(holes(text) != holes(given[0]) for text in said)):
            wrong.append((message.id, message.string))
        elif message.id and given[0] in said and re.search("[A-Za-z]{2}", HOLES.sub("", given[0])):
            wrong += [given[0]] * (given[0] not in SAME[language])

    assert wrong == []
    assert known.num_plurals == (1 if language in {"ja", "zh-hans"} else 2)


def holes(text: str) -> list[str]:
    return sorted(HOLES.findall(text))


def test_texts_of_templates_are_found():
    source = """{% trans "Plain" %}{% trans 'With "quotes"' as x %}{{ a|default:_("In a filter (too)") }}
    {% blocktrans with n=m|length %}Hello {{ n }}, 100 %{% endblocktrans %}
    {% blocktrans count n=3 %}{{ n }} thing{% plural %}{{ n }} things{% endblocktrans %}{# _("no") #}"""

    found = list(message_catalogs.of_template(source))

    assert found == [
        ("Plain",),
        ('With "quotes"',),
        ("In a filter (too)",),
        ("Hello %(n)s, 100 %%",),
        ("%(n)s thing", "%(n)s things"),
    ]


def test_texts_of_python_are_found_in_the_parts_that_are_named():
    source = """
class A:
    class B:
        x = _("in B")
    y = gettext_lazy("in A, "
                     "in two lines")
def f():
    ngettext("one", "many", 3); note_change(order, "sent off", by=1); _(name)
"""

    assert set(message_catalogs.of_python(source, ("A.B",))) == {("in B",)}
    assert set(message_catalogs.of_python(source)) == {("in B",), ("in A, in two lines",), ("one", "many")}


def test_a_merge_keeps_what_was_translated_and_drops_what_is_gone(monkeypatch, tmp_path):
    monkeypatch.setattr(message_catalogs, "FOLDER", tmp_path)
    first, second = message_catalogs.Catalog(), message_catalogs.Catalog()
    first.add("Kept", locations=[("a.html", 0)])
    first.add("Gone", locations=[("a.html", 0)])
    second.add("Kept", locations=[("b.html", 0)])
    second.add("New", locations=[("b.html", 0)])
    assert message_catalogs.update("de", first) == ["Kept", "Gone"]
    path = message_catalogs.path_of("de")
    path.write_text(path.read_text().replace('msgid "Kept"\nmsgstr ""', 'msgid "Kept"\nmsgstr "Behalten"'))

    assert message_catalogs.update("de", second) == ["New"]

    found = message_catalogs.read("de")
    assert found.get("Kept").string == "Behalten" and found.get("Gone") is None


def test_only_what_is_newer_is_compiled(monkeypatch, tmp_path):
    monkeypatch.setattr(message_catalogs, "FOLDER", tmp_path)
    catalog = message_catalogs.Catalog()
    catalog.add("Hello", locations=[("a.html", 0)])
    message_catalogs.update("de", catalog)
    compiled = message_catalogs.path_of("de").with_suffix(".mo")

    message_catalogs.compile_changed()
    os.utime(compiled, ns=(compiled.stat().st_atime_ns, compiled.stat().st_mtime_ns + 10**9))
    before = compiled.stat().st_mtime_ns
    message_catalogs.compile_changed()

    assert compiled.stat().st_mtime_ns == before
    assert [path.name for path in compiled.parent.iterdir() if path.suffix not in {".po", ".mo"}] == []
