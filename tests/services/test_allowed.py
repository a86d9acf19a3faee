"""What somebody may do to a pipeline, found out the short way (RULINGS 21)."""

from hypothesis import given
from hypothesis import strategies as st

from ferryman.domain.access import Effect, Policy, Rights, Role, Statement
from ferryman.services import Caller
from ferryman.services.catalog import SHOWN_ACTIONS, allowed_of, is_allowed

roles = st.none() | st.sampled_from(Role)
patterns = st.sampled_from(["ferryman:*", "ferryman:Get*", "list", "view", "*", "ferryman:StartRun", "none"])
statements = st.builds(
    Statement,
    effect=st.sampled_from(Effect),
    actions=st.tuples(patterns),
    resources=st.tuples(st.sampled_from(["*", "pipeline/shop", "pipeline/other"])),
)
rights = st.builds(
    Rights,
    account=st.booleans(),
    role=roles,
    environments=st.dictionaries(st.sampled_from(["", "prod"]), st.sampled_from(Role), max_size=1),
    policies=st.lists(st.builds(Policy, name=st.just("p"), statements=st.tuples(statements)), max_size=1).map(
        tuple
    ),
    scopes=st.lists(patterns, max_size=2).map(tuple),
    projects=st.sampled_from([(), ("demo",)]),
)


@given(
    rights=rights,
    actions=st.sampled_from([(), ("list", "pipeline_list")]),
    maker=st.sampled_from(["", "ann", "bob"]),
)
def test_it_is_what_the_judge_says_of_each_action(
    rights: Rights, actions: tuple[str, ...], maker: str
) -> None:
    caller = Caller(name="ann", project="demo", rights=rights, actions=actions)
    judged = {action for action in SHOWN_ACTIONS if is_allowed(caller, action, "shop", maker=maker)}
    assert allowed_of(caller, "shop", maker=maker) == judged
