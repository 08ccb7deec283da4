"""A table for Django's cache. What counts failed sign-ins must not hang on Redis, nor be lost with it."""

from django.db import migrations

CREATE = """
CREATE TABLE moments_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX moments_cache_expires ON moments_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_ineligible_countries")]

    operations = [migrations.RunSQL(CREATE, "DROP TABLE moments_cache;")]
