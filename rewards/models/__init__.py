from rewards.models.batches import BatchRow, RewardBatch
from rewards.models.claims import ClaimFingerprint, ClaimOverride
from rewards.models.ledger import DailyRewardTotals, ReconciliationRun
from rewards.models.points import (
    PointAccount,
    PointEntry,
    PointEvent,
    PointExchange,
    PointRule,
    PointsProgram,
    PointTier,
    ProgramApp,
    StuckExchange,
)
from rewards.models.reward import Reward, RewardQuerySet

__all__ = [
    "BatchRow",
    "ReconciliationRun",
    "ClaimOverride",
    "ClaimFingerprint",
    "PointAccount",
    "PointEntry",
    "PointEvent",
    "PointExchange",
    "PointRule",
    "PointTier",
    "PointsProgram",
    "ProgramApp",
    "Reward",
    "RewardBatch",
    "DailyRewardTotals",
    "RewardQuerySet",
    "StuckExchange",
]
