"""Scores as people read them: one decimal, a real minus sign, and no negative zero."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format


def plain(value, *, places=1):
    """6.25 → “6.3”, −0.04 → “0”, in the reader's own notation; halves are rounded away from zero."""
    number = _rounded(value, places)
    text = "0" if not number else number_format(abs(number), decimal_pos=places)
    return f"−{text}" if number < 0 else text


def signed(value, *, places=1):
    """2.25 → “+2.3”, −0.8 → “−0.8”; what rounds to nothing is “0”."""
    return ("+" if _rounded(value, places) > 0 else "") + plain(value, places=places)


def _rounded(value, places):
    # Nine digits first: 8.45 − 6.2 is 2.25 and not a hair less.
    return Decimal(repr(round(float(value), 9))).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
