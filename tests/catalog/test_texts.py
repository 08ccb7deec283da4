"""A product's texts in other languages."""

import pytest
from django.utils import translation

from catalog.models import Product
from outbox.emails.rendering import render_mail
from outbox.models import Mail
from tests import make
from tests.redemption.claim.test_pages import open_page

JAPANESE = {"title": "湯のみ", "description": "手びねりの器です。"}


def typed(product: Product, **changes) -> dict:
    own = {"title": product.title, "sku": product.sku, "kind": "physical", "marketplace": "US", "is_offered": "on"}
    own |= {"category": product.category_id, "price_cents": product.price_cents, "description": "A cup."}
    own |= {"list_price_cents": product.list_price_cents, "fulfillment": product.fulfillment}
    return own | changes


def test_each_language_has_its_own_and_falls_back_field_by_field(db):
    product = make.product(title="Cup", description="By hand.", translations={"ja": JAPANESE, "de": {"title": "Tasse"}})

    shown = {}
    for code in ("ja", "de", "fr", "en"):
        with translation.override(code):
            shown[code] = str(product), product.local_description

    assert shown["ja"] == (JAPANESE["title"], JAPANESE["description"])
    assert shown["de"] == ("Tasse", "By hand.") and shown["fr"] == shown["en"] == ("Cup", "By hand.")


@pytest.mark.slow
def test_page_order_and_mail_tell_it(client, customer):
    product = make.product(title="Cup", translations={"ja": JAPANESE})
    reward = make.reward(make.campaign(products=[product]), locale="ja")
    page = client.get(open_page(client, reward)).text
    with translation.override("ja"):
        order = make.order(reward, by=customer)
    Mail.objects.update(language="ja")

    assert JAPANESE["title"] in page and JAPANESE["description"] in page and "Cup" not in page
    assert JAPANESE["title"] in render_mail(Mail.objects.get(kind="order_confirmed", context__order=order.pk)).text


def test_operators_write_them_beside_the_others_and_nothing_else_moves(client, db):
    product = make.product(title="Cup")
    client.force_login(make.operator())
    path = f"/admin/catalog/product/{product.pk}/change/"
    form = client.get(path).context["adminform"].form
    inlines = {}
    for formset in client.get(path).context["inline_admin_formsets"]:
        for field in ("TOTAL_FORMS", "INITIAL_FORMS"):
            inlines[f"{formset.formset.prefix}-{field}"] = formset.formset.management_form[field].value()

    answer = client.post(path, typed(product, **inlines, title_ja="湯のみ", description_ja="手びねりの器です。"))

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    product.refresh_from_db()
    assert product.translations == {"ja": JAPANESE} and "title_ja" in form.fields
    assert (product.title, product.stock) == ("Cup", 10)
