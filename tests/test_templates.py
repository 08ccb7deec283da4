"""Templates are easy to read: lines of at most 120 columns, and one branch per line."""

import pathlib
import re

TEMPLATES = pathlib.Path(__file__).parent.parent / "templates"
COLUMNS = 120
TAG = re.compile(r"{%\s*(if|elif|else|endif|for|empty|endfor)\b.*?%}")
ELEMENTS = (
    "address|article|aside|blockquote|dd|details|div|dl|dt|fieldset|figure|footer|form|h[1-6]|header|li|main|nav|ol|"
    "option|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
BLOCK_LEVEL = re.compile(rf"</?({ELEMENTS})[\s>]")


def files(*suffixes: str) -> list[pathlib.Path]:
    return [path for path in sorted(TEMPLATES.rglob("*")) if path.suffix in suffixes]


def name_of(path: pathlib.Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


def long_lines(source: str) -> list[int]:
    return [number for number, line in enumerate(source.splitlines(), 1) if len(line) > COLUMNS]


def shared_lines(source: str) -> list[int]:
    """The lines that a branch shares: its tags, where block-level elements depend on it, have lines of their own."""
    found, opened = [], []
    for tag in TAG.finditer(source):
        if tag[1] in ("if", "for"):
            opened.append([tag])
        else:
            opened[-1].append(tag)
        if tag[1] in ("endif", "endfor"):
            tags = opened.pop()
            if BLOCK_LEVEL.search(source, tags[0].end(), tags[-1].start()):
                found += [line_of(source, each) for each in tags if not has_own_line(source, each)]
    return sorted(found)


def has_own_line(source: str, tag: re.Match) -> bool:
    before = source[: tag.start()].rpartition("\n")[2]
    after = source[tag.end() :].partition("\n")[0]
    return not (before + after).strip()


def line_of(source: str, tag: re.Match) -> int:
    return source.count("\n", 0, tag.start()) + 1


def test_no_line_of_a_template_is_longer_than_120_columns():
    assert {name_of(path): found for path in files(".html", ".txt") if (found := long_lines(path.read_text()))} == {}


def test_every_branch_around_elements_has_lines_of_its_own():
    assert {name_of(path): found for path in files(".html") if (found := shared_lines(path.read_text()))} == {}


def test_control_a_long_line_is_found():
    assert long_lines("short\n" + "x" * 121 + "\n" + "x" * 120) == [2]


def test_control_a_branch_that_shares_a_line_is_found():
    assert shared_lines("{% if a %}<p>A</p>{% endif %}") == [1, 1]
    assert shared_lines("{% for a in b %}\n<li>\n{% if c %}<p>{% else %}\n<p>{% endif %}\n</li>\n{% endfor %}") == [
        3,
        3,
        4,
    ]
    assert shared_lines("<tr>{% for a in b %}\n  <td>{{ a }}</td>\n{% endfor %}</tr>") == [1, 3]


def test_control_a_branch_within_a_line_of_text_may_share_it():
    assert shared_lines('<p class="a{% if b %} c{% endif %}">{% if d %}D{% else %}<em>E</em>{% endif %}</p>') == []
    assert shared_lines("{% if a %}\n  <p>A</p>\n{% else %}\n  <p>B</p>\n{% endif %}") == []
