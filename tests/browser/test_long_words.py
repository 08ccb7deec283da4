"""Names of one long word, on a phone."""

import pytest

pytestmark = pytest.mark.xdist_group("browser")
WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeic"  # of 55 letters
CHANGE = """
import json, sys
from accounts.models import App, Organization, User
from campaigns.models import Campaign
from catalog.models import Product
NAMED = {{"app": (App, "name"), "campaign": (Campaign, "name"), "organization": (Organization, "name"),
    "product": (Product, "title"), "user": (User, "name")}}
names = json.loads({names!r})
before = {{}}
for key, (model, field) in NAMED.items():
    for pk, name in model.objects.values_list("pk", field):
        before[f"{{key}} {{pk}}"] = name
        model.objects.filter(pk=pk).update(**{{field: names.get(f"{{key}} {{pk}}", {word!r}[:50] + str(pk)[-4:])}})
print(json.dumps(before))
"""
CONSOLE = ["/console/", "/console/campaigns/", "/console/developers/apps/", "/console/team/", "/console/organization/"]
CONSOLE += ["/console/catalog/", "/console/rewards/", "/console/reports/", "/console/billing/", "/console/limits/"]
CUSTOMER = ["/my/", "/my/rewards/", "/my/orders/", "/my/addresses/"]


def rename(stack, names: str = "{}") -> str:
    """Everything that has a name is called as ``names`` says, else by the word; what it was called before."""
    done = stack.manage("shell", "-v0", "-c", CHANGE.format(names=names, word=WORD))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def long_names(stack):
    """The stack is the other tests' as well, so each name comes back."""
    before = rename(stack)
    yield
    rename(stack, before)


def test_a_name_of_one_long_word_scrolls_no_page_sideways(new_page, sign_in, long_names):
    wide = []
    for who, pages in (("console", CONSOLE), ("customer", CUSTOMER)):
        page = new_page(width=320)
        sign_in(page, who)
        if who == "console":  # pages of one app and one campaign
            for listing in ("/console/developers/apps/", "/console/campaigns/"):
                page.goto(listing)
                found = page.locator(f"main a[href^='{listing}']").all()
                pages = [*pages, *(link.get_attribute("href") for link in found[:3])]
        for address in pages:
            assert page.goto(address).ok, address
            beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if beyond > 0:
                wide.append((address, beyond))
        page.context.close()
    assert wide == []
