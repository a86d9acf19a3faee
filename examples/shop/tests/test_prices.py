"""Prices and their rounding."""

import unittest
from decimal import Decimal

from shop.prices import CATALOG, RATES, UnknownCurrency, price


class Prices(unittest.TestCase):
    def test_in_euro_they_are_those_of_the_catalog(self) -> None:
        self.assertEqual({item: price(item, "EUR") for item in CATALOG}, CATALOG)

    def test_another_currency_is_converted_and_rounded(self) -> None:
        self.assertEqual(price("bread", "USD"), Decimal("4.10"))
        self.assertEqual(price("honey", "SEK"), Decimal("88.88"))

    def test_every_item_has_a_price_in_every_currency(self) -> None:
        for currency in RATES:
            for item in CATALOG:
                self.assertGreater(price(item, currency), 0)

    def test_a_currency_without_a_rate_is_refused(self) -> None:
        with self.assertRaisesRegex(UnknownCurrency, "no rate for the currency GBX"):
            price("tea", "GBX")
