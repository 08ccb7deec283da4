"""One reward, one customer, one order; the last unit, and what takes its place. Over HTTP, PostgreSQL 10 ms away."""

import json
import random
import re
import threading
from collections import Counter

import pytest

from tests.harness.crowd import together
from tests.harness.http import App, Browser
from tests.harness.numbers import size
from tests.races.conftest import CROWD, sign_in

pytestmark = [pytest.mark.xdist_group("races"), pytest.mark.timeout(900)]
ADDRESS = {
    "recipient": "Kim Larsen",
    "street": "1 Harbor Street",
    "city": "Portland",
    "region": "OR",
    "postal_code": "97205",
    "country": "US",
}
ORDER = re.compile(r"/orders/([0-9A-Z-]{14})/")


def product_of(database, app: App) -> int:
    return database.execute(
        "SELECT c.product_id FROM campaigns_groupproduct c JOIN campaigns_rewardgroup g ON g.id = c.group_id "
        "WHERE g.campaign_id = %s",
        [app.made["campaignId"]],
    ).fetchone()[0]


def order_with(browser: Browser, page: str, product: int) -> str:
    """Claim, give the address, place the order: the order's number, or "" where it came to none."""
    browser.send("POST", f"{page}claim/")
    item = f"{page}items/{product}/"
    browser.send("POST", f"{item}address/", **ADDRESS)
    found = ORDER.search(browser.send("POST", f"{item}review/").location)
    return found[1] if found else ""


def orders_of(database, app: App) -> list[tuple]:
    return database.execute(
        "SELECT o.number, o.reward_id FROM redemption_order o JOIN rewards_reward r ON r.id = o.reward_id "
        "WHERE r.campaign_id = %s",
        [app.made["campaignId"]],
    ).fetchall()


def test_many_claims_and_orders_of_one_customer_are_one_order(stack, browsers, database, books_agree, numbers):
    rewards = size(1, 50)
    app = App(stack.port, stack.make_campaign("--stock", str(rewards * 2)))
    product, shown = product_of(database, app), []

    for number in range(rewards):
        browser = browsers[number % len(browsers)]
        page = browser.open(app.call().json["rewardNotificationUrl"])
        shown.append(set(together(CROWD, lambda _n, b=browser, p=page: order_with(b, p, product))) - {""})

    orders = orders_of(database, app)
    assert len(orders) == len({reward for _number, reward in orders}) == rewards
    assert {number for numbers_ in shown for number in numbers_} == {number for number, _reward in orders}
    assert all(len(numbers_) == 1 for numbers_ in shown)
    books_agree()
    numbers("one customer at once", rewards=rewards, tries=rewards * CROWD, orders=len(orders))


def test_of_many_customers_one_owns_the_reward_and_the_rest_read_one_text(stack, browsers, database, numbers):
    rewards = size(1, 20)
    app = App(stack.port, stack.make_campaign())

    for _number in range(rewards):
        url = app.call().json["rewardNotificationUrl"]
        pages = together(CROWD, lambda n, found=url: browsers[n].open(found))
        claims = together(CROWD, lambda n, found=pages: browsers[n].send("POST", f"{found[n]}claim/"))
        answers = together(CROWD, lambda n, p=pages, c=claims: browsers[n].send("GET", p[n], cookies=c[n].cookies))
        said = [answer.body.decode() for answer in answers]
        assert sum("It is yours." in text for text in said) == 1
        assert sum("This reward is not available." in text for text in said) == CROWD - 1

    owners = database.execute(
        "SELECT count(*), count(customer_id) FROM rewards_reward WHERE campaign_id = %s", [app.made["campaignId"]]
    ).fetchone()
    assert owners == (rewards, rewards)
    numbers("64 customers at once", rewards=rewards, claims=rewards * CROWD, owners=rewards)


@pytest.fixture
def shelf(stack, database):
    """A product with few units; equals at 100 % and 105 % of its value, and one of the same category at 60 %."""
    units = size(6, 50)
    app = App(stack.port, stack.make_campaign("--stock", str(units), "--cpa", "25.00", "--monthly-limit", "5000"))
    product = product_of(database, app)
    made = json.loads(stack.python("-m", "tests.harness.make_substitutes", str(product), str(units * 2)).stdout)
    return app, product, units, made


def test_what_sold_out_is_replaced_by_its_equal(stack, database, shelf, books_agree, numbers):
    app, product, units, made = shelf
    customers = units * 4
    crowd = sign_in(stack, customers)
    urls = [app.call().json["rewardNotificationUrl"] for _browser in crowd]
    pages = together(customers, lambda number: crowd[number].open(urls[number]))

    def order(number: int) -> str:
        """The original; where it is gone, whichever equal the page offers."""
        browser, page = crowd[number], pages[number]
        placed = order_with(browser, page, product)
        offered = [product]
        while not placed and offered:
            text = browser.send("GET", page).body.decode()
            offered = [int(pk) for pk in set(re.findall(re.escape(page) + r"items/(\d+)/address/", text))]
            random.Random(number).shuffle(offered)
            placed = next(filter(None, (order_with(browser, page, pk) for pk in offered)), "")
        return placed

    placed = [number for begin in range(0, customers, 100) for number in crowd_of(order, begin, customers)]

    assert all(placed) and len(set(placed)) == customers
    found = Counter(products_ordered(database, app))
    cheap = found[made["cheap"]]
    assert (found.pop(product), cheap) == (units, 0)
    assert set(+found) <= {made["same"], made["dearer"]} and sum(found.values()) == customers - units
    stock = database.execute("SELECT min(stock) FROM catalog_product").fetchone()[0]
    to_pay = database.execute(
        "SELECT count(*) FROM redemption_order "
        "WHERE item_cents + shipping_cents + tax_cents > credit_cents + operator_paid_cents"
    ).fetchone()[0]
    assert (stock >= 0, to_pay) == (True, 0)
    charges = database.execute(
        "SELECT count(DISTINCT charge_cents) FROM rewards_reward WHERE campaign_id = %s", [app.made["campaignId"]]
    ).fetchone()[0]
    assert charges == 1
    books_agree()
    numbers(
        "substitution",
        customers=customers,
        originals=units,
        equals=customers - units,
        of_60_percent=cheap,
        least_stock=stock,
    )


def crowd_of(order, begin: int, customers: int) -> list[str]:
    return together(min(100, customers - begin), lambda number: order(begin + number))


def products_ordered(database, app: App) -> list[int]:
    rows = database.execute(
        "SELECT o.product_id FROM redemption_order o JOIN rewards_reward r ON r.id = o.reward_id "
        "WHERE r.campaign_id = %s",
        [app.made["campaignId"]],
    ).fetchall()
    return [row[0] for row in rows]


def test_control_stock_that_is_read_and_then_written_is_oversold(stack, database, numbers):
    """What the conditional update is for: the same crowd, each reading first."""
    product = stack.make_campaign("--stock", "10")
    pk = product_of(database, App(stack.port, product))

    all_have_looked = threading.Barrier(CROWD)

    def take(_number: int) -> bool:
        with stack.connect() as mine:
            (left,) = mine.execute("SELECT stock FROM catalog_product WHERE id = %s", [pk]).fetchone()
            all_have_looked.wait(30)
            if left > 0:
                mine.execute("UPDATE catalog_product SET stock = %s WHERE id = %s", [left - 1, pk])
            return left > 0

    taken = together(CROWD, take).count(True)

    database.execute("UPDATE catalog_product SET stock = 10 WHERE id = %s", [pk])
    assert taken == CROWD
    numbers("control: stock read, then written", units=10, taken=taken)
