"""What the shop answers, asked for directly and over HTTP."""

import json
import threading
import unittest
from urllib.request import urlopen

from shop.__main__ import packed_version, server
from shop.site import Settings, answer

GOOD = Settings(environment="test", currency="EUR", version="1.2.3")
BAD = Settings(environment="test", currency="GBX", version="1.2.3")


class Answers(unittest.TestCase):
    def test_a_shop_that_can_price_everything_is_fit(self) -> None:
        self.assertEqual(answer("/health", GOOD).status, 200)

    def test_a_shop_without_a_rate_is_unfit_and_says_why(self) -> None:
        told = answer("/health", BAD)
        self.assertEqual(told.status, 503)
        self.assertEqual(json.loads(told.body)["because"], "no rate for the currency GBX")

    def test_it_tells_its_version(self) -> None:
        self.assertEqual(
            json.loads(answer("/version", GOOD).body), {"version": "1.2.3", "environment": "test"}
        )

    def test_the_page_lists_prices(self) -> None:
        self.assertIn("<li>tea: 4.50 EUR</li>", answer("/", GOOD).body)
        self.assertEqual(answer("/", BAD).status, 500)

    def test_another_page_is_not_there(self) -> None:
        self.assertEqual(answer("/nothing", GOOD).status, 404)


class Served(unittest.TestCase):
    def test_over_http_it_answers_the_same(self) -> None:
        with server(GOOD) as listening:
            threading.Thread(target=listening.serve_forever, daemon=True).start()
            with urlopen(f"http://127.0.0.1:{listening.server_port}/version", timeout=10) as reply:
                self.assertEqual(reply.read().decode(), answer("/version", GOOD).body)
            listening.shutdown()

    def test_a_working_copy_has_no_version(self) -> None:
        self.assertEqual(packed_version(), "development")
