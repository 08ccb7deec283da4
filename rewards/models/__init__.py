from rewards.models.batches import BatchRow, RewardBatch
from rewards.models.claims import ClaimFingerprint, ClaimOverride
from rewards.models.ledger import DailyRewardTotals, ReconciliationRun
from rewards.models.point_exchanges import PointExchange, StuckExchange
from rewards.models.point_ledger import (
    PointAccount,
    PointAdjustment,
    PointAllocation,
    PointAppUser,
    PointBatch,
    PointCapUse,
    PointDailyEarned,
    PointEntry,
    PointEvent,
    PointReversal,
)
from rewards.models.points import (
    APP_FIRST_SEEN,
    PointCategory,
    PointDailyTotals,
    PointMultiplier,
    PointMultiplierVersion,
    PointRule,
    PointRuleVersion,
    PointsProgram,
    PointStatus,
    PointTier,
    ProgramApp,
)
from rewards.models.reward import Reward, RewardQuerySet

__all__ = [
    "APP_FIRST_SEEN",
    "BatchRow",
    "ClaimFingerprint",
    "ClaimOverride",
    "DailyRewardTotals",
    "PointAccount",
    "PointAdjustment",
    "PointAllocation",
    "PointAppUser",
    "PointBatch",
    "PointCapUse",
    "PointCategory",
    "PointDailyEarned",
    "PointDailyTotals",
    "PointEntry",
    "PointEvent",
    "PointExchange",
    "PointMultiplier",
    "PointMultiplierVersion",
    "PointReversal",
    "PointRule",
    "PointRuleVersion",
    "PointStatus",
    "PointTier",
    "PointsProgram",
    "ProgramApp",
    "ReconciliationRun",
    "Reward",
    "RewardBatch",
    "RewardQuerySet",
    "StuckExchange",
]
