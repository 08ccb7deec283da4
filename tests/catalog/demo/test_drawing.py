"""Pictures of the demo: the same ones every time, in the sizes that pages ask for."""

import io

import pytest
from PIL import Image

from catalog.demo.drawing import PALETTES, SIZES, THINGS, color, draw_product, gradient, number_of


def test_a_color_is_read_from_its_six_digits():
    assert color("#fdf1e3") == (253, 241, 227)
    assert all(len(color(text)) == 3 for palette in PALETTES.values() for text in palette)


@pytest.mark.parametrize("text", ["#fff", "#fdf1e3ff"])
def test_what_is_no_color_of_six_digits_is_an_error(text):
    with pytest.raises(ValueError, match=r"unpack|fromhex"):
        color(text)


def test_a_text_always_has_the_same_number():
    assert number_of("bear") == number_of("bear") != number_of("cup")


def test_a_gradient_goes_from_the_upper_left_to_the_lower_right():
    picture = gradient((100, 100), (0, 0, 0), (255, 255, 255))

    corners = [picture.getpixel(place)[0] for place in ((0, 0), (99, 0), (99, 99))]
    assert corners[0] < 10 and 100 < corners[1] < 156 and corners[2] > 245


def test_a_picture_is_drawn_in_each_size_and_the_same_again():
    first, again = draw_product("toys", "bear", "BEAR-M"), draw_product("toys", "bear", "BEAR-M")

    assert {size: Image.open(io.BytesIO(png)).size for size, png in first.items()} == {n: (n, n) for n in SIZES}
    assert first == again and first != draw_product("toys", "bear", "BEAR-L")


def test_every_thing_has_shapes_in_the_three_colors():
    assert all(shape[1] in "abc" for shapes in THINGS.values() for shape in shapes)
