"""The stores, where they deliver, what tax they add, what their money is worth. All of it is the operators' to change."""

import datetime as dt
from decimal import Decimal

from django.db import migrations

SINCE = dt.date(2020, 1, 1)

# Everywhere a parcel can be sent, without what is under a comprehensive US embargo.
COUNTRIES = [
    "AD", "AE", "AG", "AL", "AM", "AR", "AT", "AU", "AZ", "BA", "BB", "BD", "BE", "BG", "BH", "BM", "BN", "BO",
    "BR", "BS", "BT", "BW", "BZ", "CA", "CH", "CI", "CL", "CM", "CN", "CO", "CR", "CV", "CY", "CZ", "DE", "DK",
    "DM", "DO", "DZ", "EC", "EE", "EG", "ES", "FI", "FJ", "FR", "GA", "GB", "GD", "GE", "GH", "GR", "GT", "GY",
    "HK", "HN", "HR", "HU", "ID", "IE", "IL", "IN", "IS", "IT", "JM", "JO", "JP", "KE", "KG", "KH", "KN", "KR",
    "KW", "KY", "KZ", "LA", "LC", "LI", "LK", "LT", "LU", "LV", "MA", "MC", "MD", "ME", "MG", "MK", "MN", "MO",
    "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA", "NG", "NI", "NL", "NO", "NP", "NZ", "OM", "PA", "PE", "PG",
    "PH", "PK", "PL", "PT", "PY", "QA", "RO", "RS", "RW", "SA", "SE", "SG", "SI", "SK", "SM", "SN", "SR", "SV",
    "TH", "TN", "TR", "TT", "TW", "TZ", "UA", "UG", "US", "UY", "UZ", "VC", "VN", "WS", "ZA", "ZM",
]  # fmt: skip

EUROPEAN_UNION = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
    "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
]  # fmt: skip

# Code, name, currency, language, prices include tax, free shipping from, flat shipping (minor units), tax, delivers to.
STORES = [
    ("US", "United States", "USD", "en", False, 2500, 599, "0.10", COUNTRIES),
    ("CA", "Canada", "CAD", "en", False, 3500, 799, "0.15", ["CA", "US"]),
    ("MX", "Mexico", "MXN", "es", True, 29900, 8900, "0.16", ["MX", "BZ", "CR", "GT", "HN", "NI", "PA", "SV"]),
    ("BR", "Brazil", "BRL", "pt-br", True, 7900, 1990, "0.17", ["BR", "AR", "BO", "CL", "CO", "EC", "PE", "PY", "UY"]),
    ("UK", "United Kingdom", "GBP", "en-gb", True, 2000, 299, "0.20", ["GB", "IE"]),
    ("DE", "Germany", "EUR", "de", True, 2500, 399, "0.19", [*EUROPEAN_UNION, "CH", "LI", "NO"]),
    ("FR", "France", "EUR", "fr", True, 2500, 399, "0.20", [*EUROPEAN_UNION, "CH", "MC", "AD"]),
    ("IT", "Italy", "EUR", "it", True, 2500, 399, "0.22", [*EUROPEAN_UNION, "CH", "SM"]),
    ("ES", "Spain", "EUR", "es", True, 2500, 399, "0.21", [*EUROPEAN_UNION, "AD"]),
    ("IN", "India", "INR", "en", True, 49900, 4900, "0.18", ["IN", "BD", "BT", "LK", "MV", "NP"]),
    ("JP", "Japan", "JPY", "ja", True, 3500, 450, "0.10", ["JP", "HK", "KR", "SG", "TW"]),
    ("CN", "China", "CNY", "zh-hans", True, 9900, 1500, "0.13", ["CN", "HK", "MO", "SG"]),
    ("AU", "Australia", "AUD", "en-au", True, 4900, 899, "0.10", ["AU", "NZ", "FJ", "PG", "WS"]),
]

TIME_ZONES = {
    "US": "America/New_York",
    "CA": "America/Toronto",
    "MX": "America/Mexico_City",
    "BR": "America/Sao_Paulo",
    "UK": "Europe/London",
    "DE": "Europe/Berlin",
    "FR": "Europe/Paris",
    "IT": "Europe/Rome",
    "ES": "Europe/Madrid",
    "IN": "Asia/Kolkata",
    "JP": "Asia/Tokyo",
    "CN": "Asia/Shanghai",
    "AU": "Australia/Sydney",
}

# State and usual local sales tax together, so that what an address adds stays within the estimate of 10 %.
US_STATES = {
    "AL": "9.4", "AK": "1.8", "AZ": "8.4", "AR": "9.5", "CA": "8.8", "CO": "7.8", "CT": "6.35", "DC": "6", "DE": "0",
    "FL": "7", "GA": "7.4", "HI": "4.5", "IA": "6.9", "ID": "6", "IL": "8.9", "IN": "7", "KS": "8.7", "KY": "6",
    "LA": "10", "MA": "6.25", "MD": "6", "ME": "5.5", "MI": "6", "MN": "8.1", "MO": "8.4", "MS": "7.1", "MT": "0",
    "NC": "7", "ND": "7", "NE": "7", "NH": "0", "NJ": "6.625", "NM": "7.6", "NV": "8.2", "NY": "8.5", "OH": "7.2",
    "OK": "9", "OR": "0", "PA": "6.3", "RI": "7", "SC": "7.5", "SD": "6.1", "TN": "9.6", "TX": "8.2", "UT": "7.3",
    "VA": "5.8", "VT": "6.4", "WA": "9.4", "WI": "5.7", "WV": "6.6", "WY": "5.4",
}  # fmt: skip

CANADIAN_PROVINCES = {
    "AB": "5", "BC": "12", "MB": "12", "NB": "15", "NL": "15", "NS": "14", "NT": "5", "NU": "5", "ON": "13",
    "PE": "15", "QC": "14.975", "SK": "11", "YT": "5",
}  # fmt: skip

DOLLARS_FOR_ONE = {
    "CAD": "0.72", "MXN": "0.054", "BRL": "0.18", "GBP": "1.30", "EUR": "1.10", "INR": "0.0115", "JPY": "0.0067",
    "CNY": "0.14", "AUD": "0.65",
}  # fmt: skip


def load_stores(apps, schema_editor):
    Country = apps.get_model("catalog", "DeliveryCountry")
    Marketplace = apps.get_model("catalog", "Marketplace")
    Delivery = Marketplace.countries.through
    Country.objects.bulk_create([Country(code=code) for code in COUNTRIES])
    for position, (code, name, currency, language, included, free_from, flat, _tax, countries) in enumerate(STORES, 1):
        store = Marketplace.objects.create(
            code=code,
            name=name,
            currency=currency,
            language=language,
            prices_include_tax=included,
            free_shipping_from_cents=free_from,
            flat_shipping_cents=flat,
            time_zone=TIME_ZONES[code],
            position=position,
        )
        Delivery.objects.bulk_create(Delivery(marketplace=store, deliverycountry_id=country) for country in countries)


def load_rates(apps, schema_editor):
    TaxRate = apps.get_model("catalog", "TaxRate")
    ExchangeRate = apps.get_model("catalog", "ExchangeRate")
    places = [(code, "", "", Decimal(tax)) for code, *_rest, tax, _countries in STORES]
    for code, regions in (("US", US_STATES), ("CA", CANADIAN_PROVINCES)):
        places += [(code, code, region, Decimal(percent) / 100) for region, percent in regions.items()]
    TaxRate.objects.bulk_create(
        TaxRate(marketplace_id=code, country=country, region=region, rate=rate, valid_from=SINCE)
        for code, country, region, rate in places
    )
    ExchangeRate.objects.bulk_create(
        ExchangeRate(currency=currency, usd=Decimal(usd), valid_from=SINCE) for currency, usd in DOLLARS_FOR_ONE.items()
    )


def unload(apps, schema_editor):
    for name in ("TaxRate", "ExchangeRate", "Marketplace", "DeliveryCountry"):
        apps.get_model("catalog", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_database")]

    operations = [
        migrations.RunPython(load_stores, unload),
        migrations.RunPython(load_rates, migrations.RunPython.noop),
    ]
