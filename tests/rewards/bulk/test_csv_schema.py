"""Reading an uploaded file: what is good, and every line that is not."""

import pytest

from campaigns.setup import service as setup
from moments.errors import RuleViolation
from moments.web.csv_in import MAX_BYTES
from rewards.bulk.csv_schema import read_sheet
from tests import make


@pytest.fixture
def campaign(db):
    made = make.campaign("draft")
    setup.save_moment(made, key="subscribed", description="Subscribes")
    return made


def read(campaign, text: str):
    return read_sheet(text.encode(), campaign)


@pytest.mark.parametrize(
    "text",
    [
        "moment,user_id,email\nMomentsReward,ada,ada@example.com\n",
        "\ufeffmoment;user_id;email\r\nMomentsReward;ada;ada@example.com\r\n",
        'Moment ID\tUser-Id\temail\n"MomentsReward"\t"ada"\t" ada@example.com "\n\n\n',
        "user_id,moment,email\rada,MomentsReward,ada@example.com\r",
    ],
    ids=["commas", "semicolons", "tabs", "old line ends"],
)
def test_a_file_is_read_however_it_was_saved(campaign, text):
    (line,) = read(campaign, text)

    assert (line.number, line.problems) == (2, [])
    assert (line.values["moment"], line.values["user_id"], line.values["email"]) == (
        "MomentsReward",
        "ada",
        "ada@example.com",
    )
    assert (line.values["group"], line.values["device_type"]) == ("US", "Web")


def test_a_quoted_cell_may_hold_a_delimiter_and_lines_are_counted_as_in_an_editor(campaign):
    first, second = read(campaign, 'moment,user_id\nsubscribed,"a, b"\n\n\nsubscribed,c\n')

    assert (first.values["user_id"], first.number, second.number) == ("a, b", 2, 5)


def test_every_bad_line_says_column_what_was_given_and_what_is_allowed(campaign):
    text = "moment,group,user_id,email,device_type,locale,key\n" + "\n".join(
        [
            "level-99,US,ada,,,,",
            ",US,ada,,,,",
            "subscribed,JP,bob,,,,",
            "subscribed,US,cat,cat@,,,",
            "subscribed,US,dan,,Toaster,,",
            "subscribed,US,eve,,ios,english please,",
            "subscribed,US,fay,,,,one",
            "subscribed,US,gus,,,,one",
            "subscribed,US,fay,,,,",
            f"subscribed,US,{'x' * 129},,,,",
            "subscribed,US",
            "subscribed,US,hal,,,,,,x",
            "subscribed,US,a\x07b,,,,",
        ]
    )

    found = {line.number: [problem[:2] for problem in line.problems] for line in read(campaign, text) if line.problems}

    assert found == {
        2: [("moment", "level-99")],
        3: [("moment", "")],
        4: [("group", "JP")],
        5: [("email", "cat@")],
        6: [("device_type", "Toaster")],
        7: [("locale", "english please")],
        9: [("key", "one")],
        10: [("user_id", "fay")],
        11: [("user_id", "x" * 80)],
        12: [("whole line", "2 values")],
        13: [("whole line", "9 values")],
        14: [("user_id", "a\ufffdb")],
    }
    assert "MomentsReward, subscribed" in read(campaign, text)[0].problems[0][2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"user_id\n", "no line below"),
        (b"user_id\n\xff\xfe", "Line 2 is not UTF-8"),
        (b"user_id\nada\nb\x00b\n", "Line 3 has a NUL"),
        (b"user_id,emial\nada,x\n", "\u201cemial\u201d"),
        (b"user_id,userId\nada,x\n", "user_id twice"),
        (b"user_id,\nada,x\n", "Column B has values and no name"),
        (b'user_id\n"ada\n', "From line 2 on this is not CSV"),
        (b"user_id\n" + b"x" * 200_000, "not CSV"),
        (b"\x89PNG\r\n\x1a\n\x00", "not UTF-8"),
        (b"x" * (MAX_BYTES + 1), "larger than 5 MB"),
        (b"user_id\n" + b"a\n" * 100_001, "more than 100000 lines"),
    ],
    ids=range(13),
)
def test_what_is_no_such_file_is_refused_with_a_sentence(campaign, content, words):
    with pytest.raises(RuleViolation) as refused:
        read_sheet(content, campaign)

    assert words in refused.value.message


def test_a_locale_in_a_file_is_kept_as_the_api_keeps_it(campaign):
    (line,) = read(campaign, "moment,user_id,locale\nsubscribed,ada,ja_JP@calendar=japanese\n")

    assert (line.values["locale"], line.problems) == ("ja_JP", [])
