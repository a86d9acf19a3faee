"""Every rule of the reference has a scenario or a test, and the page that says so is up to date."""

from tests.machine import coverage_page, scenario
from tests.machine.rules_of_reference import ELSEWHERE, RULES


def test_every_rule_is_held() -> None:
    """A rule without a scenario or a test is named here."""
    found = coverage_page.holders()
    assert [rule for rule in RULES if not found.get(rule)] == []


def test_only_rules_that_exist_are_cited() -> None:
    """A citation of a rule that is not in the list is a slip of the pen."""
    assert sorted(set(coverage_page.holders()) - set(RULES)) == []


def test_every_scenario_cites_a_rule_and_says_a_sentence() -> None:
    """The first line of a scenario says which rules it holds, and how."""
    assert [each.name for each in scenario.all_scenarios() if not each.rules or not each.sentence] == []


def test_files_that_hold_rules_elsewhere_exist() -> None:
    """Tests outside the scenarios are named by their path."""
    assert [file for file in ELSEWHERE.values() if not (coverage_page.HERE / file).exists()] == []


def test_the_page_is_up_to_date() -> None:
    """`python -m tests.machine.coverage_page` writes it anew."""
    assert coverage_page.PAGE.read_text(encoding="utf-8") == coverage_page.page()
