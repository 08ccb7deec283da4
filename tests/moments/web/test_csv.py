"""Files: read however a spreadsheet saved them, written so that a spreadsheet and this product read them back."""

import ast
import csv
import io
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from campaigns.setup import service as setup
from moments.errors import RuleViolation
from moments.web.csv_in import read_lines
from moments.web.csv_out import BYTE_ORDER_MARK, csv_lines, csv_response, guarded, unguarded
from redemption.models import Order
from redemption.shipping import tracking_import
from rewards.bulk.csv_schema import read_sheet
from tests import make

FORMULAS = {
    "=1+1": "'=1+1",
    "+A1": "'+A1",
    "-1+1": "'-1+1",
    "@SUM(A1)": "'@SUM(A1)",
    "＝1": "'＝1",
    "＋A1": "'＋A1",
    "－A1": "'－A1",
    "＠SUM(1)": "'＠SUM(1)",
    "  =1": "'  =1",
    "\N{NO-BREAK SPACE}=1": "'\N{NO-BREAK SPACE}=1",
    "\t=1": "\t'=1",
    "\r=1": "\r'=1",
    "a\n=1": "a\n'=1",
    "a;=1": "a;'=1",
    "a;\t =1;b": "a;\t' =1;b",
    "+1 212 CALL": "'+1 212 CALL",
    "'=1": "''=1",
}
PLAIN = ["", "ada", "+1 212 555 0100", "+49 (30) 123-456/7", "-5", "-3.00", "1,250", "-", "a=b", "a+b"]
PLAIN += ["kim@example.com", "'tis", "x; y"]
ODD_IDS = [
    "=ada",
    "'=ada",
    "''=ada",
    "@ada",
    "+ada",
    "-ada",
    "a;=b",
    "'ada",
    "+49 30",
    "-5",
    "＝ada",
    "007",
    "1.5",
    "a,b",
    'a"b',
]


@pytest.fixture
def order(db):
    return make.order(make.reward(make.campaign()), by=make.customer())


@pytest.mark.parametrize(("text", "written"), FORMULAS.items(), ids=repr)
def test_what_a_spreadsheet_would_calculate_stays_text(text, written):
    assert guarded(text) == written
    assert unguarded(written) == text


@pytest.mark.parametrize("text", PLAIN)
def test_what_can_be_no_formula_is_written_as_it_is(text):
    assert guarded(text) == text == unguarded(text)


def test_what_is_written_is_read_back():
    texts = [*(text for text in FORMULAS if text == text.strip() and "\n" not in text), *filter(None, PLAIN), *ODD_IDS]

    content = "".join(csv_lines([["user_id", "key"], *([text, "k"] for text in texts)])).encode()

    assert [line.values["user_id"] for line in read_lines(content, ["user_id", "key"])] == texts


def test_exported_users_are_the_same_users_when_they_are_uploaded(client, now):
    owner = make.member()
    campaign = make.campaign(of=owner)
    for user_id in ODD_IDS:
        make.reward(campaign, app_user_id=user_id)
    client.force_login(owner.user)

    exported = client.get(reverse("console:rewards:export_campaign", args=[campaign.pk])).getvalue().decode("utf-8-sig")
    kept = [[row["user_id"], row["moment"]] for row in csv.DictReader(io.StringIO(exported, newline=""))]
    saved = io.StringIO()
    csv.writer(saved).writerows([["user_id", "moment"], *kept])

    lines = read_sheet(saved.getvalue().encode(), campaign)
    assert sorted(line.values["user_id"] for line in lines) == sorted(ODD_IDS)
    assert not any(line.problems for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        "sku,price\r\nUS-1,25.00\r\n",
        "sku,price,,\r\nUS-1,25.00,,\r\n",
        "sku,,price,\r\nUS-1,,25.00,\r\n",
        "sku,price\r\nUS-1,25.00,,,\r\n",
        "sep=;\r\nsku;price\r\nUS-1;25.00\r\n",
        "SEP=;;;\r\nsku;price;;\r\nUS-1;25.00;;\r\n",
        '"sep=,"\nsku,price\nUS-1,25.00\n',
        "sep=|\nsku|price\nUS-1|25.00\n",
        "sku\tprice\rUS-1\t25.00\r",
    ],
)
@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom"])
def test_a_file_is_read_however_a_spreadsheet_saved_it(text, code):
    bare = code.removesuffix("-bom")
    content = ("\ufeff" + text).encode(bare) if code != bare else text.encode(code)

    (line,) = read_lines(content, ["sku", "price"])

    assert (line.values, line.problems) == ({"sku": "US-1", "price": "25.00"}, [])
    assert line.number == (3 if "sep=" in text.lower() else 2)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", "This is a workbook, not a CSV file. Save it as “CSV UTF-8”"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is a workbook, not a CSV file. Save it as “CSV UTF-8”"),
        ("sku\nUS-1\n".encode("utf-16-le"), "save the file as “CSV UTF-8”"),
        ("sku\nJürgen\n".encode("latin-1"), "Line 2 is not UTF-8; save the file as “CSV UTF-8”"),
        (b"\xff\xfes\x00k\x00u\x00\n\x00\x00\xd8", "save the file as “CSV UTF-8”"),
        (b"sku,,\nUS-1,,x\n", "Column C has values and no name in the first line. Name it, or delete the column."),
    ],
    ids=range(6),
)
def test_what_is_no_csv_is_refused_with_what_to_do(content, words):
    with pytest.raises(RuleViolation) as refused:
        read_lines(content, ["sku", "price"])

    assert words in refused.value.message


@pytest.mark.parametrize("text", ["1.23457E+11", "1,23457E+11", "9E+15", "-1.5e+20", "1E-05"])
def test_a_number_that_a_spreadsheet_shortened_is_refused_wherever_an_id_is_meant(text, db, order):
    campaign = make.campaign("draft")
    setup.save_moment(campaign, key="subscribed", description="Subscribes")

    (reward,) = read_sheet(f'moment;user_id;key\nsubscribed;"{text}";"{text}"\n'.encode(), campaign)
    sheet = f'order_number;carrier;tracking_number\n{order.number};UPS;"{text}"\n'.encode()
    (parcel,) = tracking_import.check_tracking(sheet)

    assert [problem[:2] for problem in reward.problems] == [("user_id", text), ("key", text)]
    assert [problem[:2] for problem in parcel.line.problems] == [("tracking_number", text)]
    assert "Format the column as text" in parcel.line.problems[0][2]
    assert not parcel.is_to_be_shipped and Order.objects.get().tracking_number == ""


def test_a_download_begins_with_a_byte_order_mark_and_a_programs_file_does_not():
    rows = [["name"], ["Jürgen"]]

    for_people = csv_response(rows, name="x").getvalue()
    for_programs = csv_response(rows, name="x", for_spreadsheet=False).getvalue()

    assert for_people == b"\xef\xbb\xbf" + for_programs and for_programs.startswith(b"name")
    assert [line.values for line in read_lines(for_people, ["name"])] == [{"name": "Jürgen"}]


def test_parcels_are_offered_for_spreadsheets_and_for_programs(client, db, order):
    client.force_login(make.operator())
    Order.objects.update(phone="+1 212 555 0100")
    page = reverse("admin:redemption_order_parcels")

    listed = client.get(reverse("admin:redemption_order_changelist")).text
    for_people = client.get(page).getvalue().decode()
    for_programs = client.get(page, {"for": "program"}).getvalue().decode()

    assert f'href="{page}"' in listed and f'href="{page}?for=program"' in listed
    assert "begin with a byte order mark" in listed and "without a byte order mark" in listed
    assert for_people == BYTE_ORDER_MARK + for_programs
    assert ",+1 212 555 0100" in for_programs


@pytest.mark.slow
def test_nothing_else_reads_or_writes_csv():
    for path in Path(settings.BASE_DIR).glob("[a-z]*/**/*.py"):
        if path.relative_to(settings.BASE_DIR).parts[0] == "tests" or path.name in {"csv_in.py", "csv_out.py"}:
            continue
        names = {
            n.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Import) for n in node.names
        }
        assert "csv" not in names, path
