"""Webhook event types about rewards, uploads and points."""

from moments.registry import events

events.add("reward.issued", "reward.voided", "batch.finished", "points.tier_reached", "points.exchanged")(__name__)
