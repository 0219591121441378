"""Re-planning during the day: what is driven stays, what is loaded stays on its vehicle."""

from routing.changes import Changes, Effects, EtaChange, Policy, Progress, Reoptimization

__all__ = ["Changes", "Effects", "EtaChange", "Policy", "Progress", "Reoptimization"]
