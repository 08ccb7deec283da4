from rewards.models.batches import BatchRow, RewardBatch
from rewards.models.claims import ClaimAllowance, ClaimTrace
from rewards.models.ledger import BooksCheck, RewardDay
from rewards.models.points import (
    PointAccount,
    PointEntry,
    PointEvent,
    PointExchange,
    PointRule,
    PointsProgramme,
    PointTier,
    ProgrammeApp,
    StuckExchange,
)
from rewards.models.reward import Reward, RewardQuerySet

__all__ = [
    "BatchRow",
    "BooksCheck",
    "ClaimAllowance",
    "ClaimTrace",
    "PointAccount",
    "PointEntry",
    "PointEvent",
    "PointExchange",
    "PointRule",
    "PointTier",
    "PointsProgramme",
    "ProgrammeApp",
    "Reward",
    "RewardBatch",
    "RewardDay",
    "RewardQuerySet",
    "StuckExchange",
]
