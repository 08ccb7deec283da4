"""Bars, and the stylesheets they are drawn with."""

import pytest
from django.conf import settings

from moments.web.charts import bar_chart, rounded_up


@pytest.mark.parametrize(
    ("value", "top"), [(0, 2), (1, 2), (3, 5), (6, 10), (11, 20), (50, 50), (51, 100), (999, 1000)]
)
def test_the_scale_ends_at_a_round_number(value, top):
    assert rounded_up(value) == top


def test_a_bar_is_as_high_as_its_value():
    drawn = bar_chart("Actions", [("1 May", 0), ("2 May", 5), ("3 May", 10)], words="15 in all.", shown=str)

    assert [(bar.y, bar.height, bar.words) for bar in drawn.bars] == [
        ("100", "0", "1 May: 0"),
        ("50", "50", "2 May: 5"),
        ("0", "100", "3 May: 10"),
    ]
    assert (drawn.top, drawn.middle, drawn.first, drawn.last, drawn.width) == ("10", "5", "1 May", "3 May", 30)


@pytest.mark.parametrize("sheet", sorted((settings.BASE_DIR / "static/css").glob("*.css")), ids=lambda path: path.name)
def test_every_block_of_a_stylesheet_is_closed(sheet):
    """An open one swallows what follows; comments stand between blocks, so each finds all of them closed."""
    open_blocks = 0
    for line in sheet.read_text().splitlines():
        assert not (line.startswith("/*") and open_blocks), f"before {line}"
        open_blocks += line.count("{") - line.count("}")
    assert open_blocks == 0
