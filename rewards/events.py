"""Webhook event types about rewards, uploads and points."""

from moments.registry import events

events.add("reward.issued", "reward.voided", "batch.finished")(__name__)
events.add("points.tier_reached", "points.exchanged", "points.expiring")(__name__)
