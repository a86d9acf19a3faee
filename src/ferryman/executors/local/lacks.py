"""What a job asks for and this machine has not (pipeline-yaml 7.1). Pure: `validate` and `explain` may ask too."""

from ferryman.domain.policies import RunsOn
from ferryman.domain.work import Action, Checkout, RunPlugin, RunScript

_NEEDS_MACHINE = (RunScript, Checkout, RunPlugin)
_OURS = "linux"


def lacks(runs_on: RunsOn, action: Action | None = None) -> str:
    """Why a job, or this action of it, cannot run on a Linux machine without agents and containers; empty: it can."""
    match runs_on.kind:
        case "agentless" if isinstance(action, _NEEDS_MACHINE):
            return "the step needs a machine, and its job runs on none; take `agentless` away from runs-on"
        case "container" if runs_on.image:
            return f"the job asks for the container image {runs_on.image}, and this machine runs steps without one"
        case "pool":
            return f"the job asks for an agent of the pool {runs_on.name}, and there are no agents here"
        case "node":
            return f"the job asks for the agent {runs_on.name}, and there are no agents here"
        case "other":
            return f"the job asks for {runs_on.name or 'a kind of machine'} that is not known here"
    systems = {system.lower() for system in runs_on.systems}
    if systems and _OURS not in systems:
        return f"the job asks for {' or '.join(sorted(systems))}, and this machine runs Linux"
    return ""
