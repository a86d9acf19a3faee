"""Permits: the one question every verb begins with."""

from datetime import UTC, datetime

from ferryman.domain.access import EVERYTHING
from ferryman.domain.actions import Action
from ferryman.domain.errors import Forbidden, NotFound
from ferryman.services.caller import Caller
from ferryman.services.judging.judge import Ground, Question, Verdict, judge


def permit(
    caller: Caller, action: str, *, resource: str = "*", environment: str = "", maker: str = ""
) -> None:
    """Let a caller do what a native action names (`ferryman:VerbNoun`); `maker` made what it is about. Raises
    `Forbidden` with the because, and `NotFound` for one who is no member and may not know of the project (API-10)."""
    if caller.rights is EVERYTHING:
        return
    verdict = judged(caller, action, resource=resource, environment=environment, maker=maker)
    if verdict.allowed:
        return
    if verdict.ground is Ground.NOT_A_MEMBER and caller.project:
        raise no_project(caller.project)
    where = f" in project {caller.project}" if caller.project else ""
    raise Forbidden(
        f"{caller.name} may not do {action}{where}: {verdict.because}",
        reason=verdict.ground,
    )


def expect_member(caller: Caller) -> None:
    """Whoever is no member of a project is told nothing else (API-10). Raises `NotFound`."""
    if not caller.rights.is_member:
        raise no_project(caller.project)


def no_project(name: str) -> NotFound:
    """What is said of a project that is not there, or is nobody's business."""
    return NotFound(f"there is no project {name}", reason="project-unknown")


def permit_own(caller: Caller, owner: str) -> None:
    """Let a caller see to somebody's keys, tokens or password: one's own, or as who manages people. Raises `Forbidden`
    also for one who came with a limited token: what it made would not be limited."""
    if owner != caller.name:
        permit(caller, Action.MANAGE_PEOPLE, resource=f"principal/{owner}")
        return
    permit(caller, Action.MANAGE_OWN_KEYS, resource=f"principal/{owner}")
    if caller.rights.scopes or caller.rights.projects:
        raise Forbidden(
            f"{owner} may not do this with a token that is limited; use another one, or the password",
            reason=Ground.SCOPE,
        )


def judged(
    caller: Caller, action: str, *, resource: str = "*", environment: str = "", maker: str = ""
) -> Verdict:
    """Whether a caller may do it, and why."""
    return judge(
        caller.rights,
        Question(
            action=action,
            actions=caller.actions,
            project=caller.project,
            resource=resource,
            environment=environment,
            own=bool(maker) and maker == caller.name,
            # Only policies have conditions.
            facts=facts_of(caller) if caller.rights.policies else {},
        ),
    )


def facts_of(caller: Caller) -> dict[str, str]:
    """What conditions may ask for, by key in lower case (dataworks-2024 4, servicestage-v3 9)."""
    facts = {"g:username": caller.name, "ferryman:username": caller.name}
    if caller.address:
        facts |= {"acs:sourceip": caller.address, "g:sourceip": caller.address}
    if caller.at:
        moment = datetime.fromtimestamp(caller.at / 1000, UTC).isoformat()
        facts |= {"acs:currenttime": moment, "g:currenttime": moment}
    return facts | caller.facts
