from campaigns.admin import billing, campaigns, claim_limits, review  # noqa: F401 - each registers its pages
