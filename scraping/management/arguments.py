"""Arguments of commands, checked where they are read."""

from argparse import ArgumentTypeError


def count(text: str) -> int:
    """A whole number of 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def seconds(text: str) -> float:
    """A number of seconds, below a day."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 86_400:
        raise ArgumentTypeError(f"{text!r} is not a number of seconds, 0 or more")
    return value


def percent(text: str) -> float:
    """A percentage, as a share of 1."""
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise ArgumentTypeError(f"{text!r} is not a percentage, 0 to 100")
    return value / 100
