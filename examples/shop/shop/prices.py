"""What things cost, in every currency there is a rate for."""

from decimal import ROUND_HALF_UP, Decimal

CATALOG = {"tea": Decimal("4.50"), "bread": Decimal("3.80"), "honey": Decimal("7.90")}
"""Prices in euro."""

RATES = {"EUR": Decimal("1"), "SEK": Decimal("11.25"), "USD": Decimal("1.08")}
"""What one euro is worth."""


class UnknownCurrency(ValueError):
    """There is no rate for this currency."""


def price(item: str, currency: str) -> Decimal:
    """The price of one item, rounded to two places; UnknownCurrency where there is no rate."""
    if currency not in RATES:
        raise UnknownCurrency(f"no rate for the currency {currency}")
    return (CATALOG[item] * RATES[currency]).quantize(Decimal("0.01"), ROUND_HALF_UP)
