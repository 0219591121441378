"""Figures as a dispatcher says them."""


def in_words(duration_s: float) -> str:
    """``"45 s"``, ``"12 min"``, ``"2 h 05 min"``; the sign is dropped."""
    seconds = round(abs(duration_s))
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
