"""Verbs of access: who may use them, what they answer, and the entry each leaves in the audit (PAGE-19)."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from ferryman.domain.access import EVERYTHING, Role
from ferryman.domain.actions import Action
from ferryman.domain.errors import Conflict, FerrymanError, Forbidden, Invalid, NotFound, Refused
from ferryman.services import Caller
from ferryman.services.access import Access, read_seed
from tests.services.access.place import NOW, Place, place

OWNER = Caller(name="root", rights=EVERYTHING, request="r-1", address="::1")
EMPTY = '{"Version":"1","Statement":[]}'
Verb = Callable[[Access, Caller], Awaitable[object]]

CHANGES: tuple[tuple[str, Verb, Action, str], ...] = (
    ("project", lambda at, who: at.projects.create(who, name="new"), Action.CREATE_PROJECT, "project/new"),
    ("disable", lambda at, who: at.projects.disable(who, name="demo"), Action.UPDATE_PROJECT, "project/demo"),
    ("person", lambda at, who: at.people.create(who, name="new"), Action.MANAGE_PEOPLE, "principal/new"),
    (
        "lock out",
        lambda at, who: at.people.disable(who, name="reader"),
        Action.MANAGE_PEOPLE,
        "principal/reader",
    ),
    (
        "attach",
        lambda at, who: at.people.attach(who, name="reader", policies=()),
        Action.MANAGE_PEOPLE,
        "principal/reader",
    ),
    (
        "password",
        lambda at, who: at.people.set_password(who, name="reader", password="long enough"),
        Action.MANAGE_OWN_KEYS,
        "password/reader",
    ),
    (
        "grant",
        lambda at, who: at.people.grant(who, name="reader", role=Role.VISITOR, project="demo"),
        Action.MANAGE_ACCESS,
        "principal/reader",
    ),
    (
        "revoke",
        lambda at, who: at.people.revoke(who, name="reader", project="demo"),
        Action.MANAGE_ACCESS,
        "principal/reader",
    ),
    ("key", lambda at, who: at.keys.make(who, owner="reader"), Action.MANAGE_OWN_KEYS, "access-key/"),
    ("key off", lambda at, who: at.keys.disable(who, id="AK"), Action.MANAGE_OWN_KEYS, "access-key/AK"),
    ("key gone", lambda at, who: at.keys.remove(who, id="AK"), Action.MANAGE_OWN_KEYS, "access-key/AK"),
    ("token", lambda at, who: at.keys.make_token(who, owner="reader"), Action.MANAGE_OWN_KEYS, "token/"),
    (
        "policy",
        lambda at, who: at.policies.write(who, name="new", document=EMPTY),
        Action.MANAGE_PEOPLE,
        "policy-document/new",
    ),
)


@pytest.mark.parametrize(("name", "verb", "action", "subject"), CHANGES, ids=[row[0] for row in CHANGES])
def test_a_change_leaves_one_entry_and_a_stranger_changes_nothing(
    name: str, verb: Verb, action: Action, subject: str, tmp_path: Path
) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            before = await at.audit()
            records = await at.store.access.every()
            for stranger in (at.caller("stranger", "demo"), at.caller("stranger", "far")):
                with pytest.raises((NotFound, Forbidden)):
                    await verb(at.access, stranger)
            assert (await at.audit(), await at.store.access.every()) == (before, records)
            await verb(at.access, OWNER)
            entry, *older = await at.audit()
            assert older == before
            assert (entry.action, entry.by, entry.request, entry.address) == (action, "root", "r-1", "::1")
            assert entry.subject.startswith(subject)
            assert entry.at == NOW
            assert entry.before != entry.after or subject == "password/reader"
            assert (await at.store.access.every()) != records

    asyncio.run(story())


async def _reason(call: Awaitable[object], kind: type[FerrymanError]) -> str:
    with pytest.raises(kind) as error:
        await call
    return str(getattr(error.value, "reason", ""))


def test_the_audit_tells_what_was_before_and_after(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            people = at.access.people
            await people.grant(OWNER, name="reader", role=Role.OPERATOR, project="demo", reason="on duty")
            (entry,) = await at.access.audit.list(OWNER, project="demo", subject="principal/reader")
            assert entry.reason == "on duty"
            assert (entry.before["roles"], entry.after["roles"]) == ({"demo": "admin"}, {"demo": "operator"})
            operator = at.caller("operator")
            assert await at.access.audit.list(operator, subject="principal/reader") == [entry]
            assert await _reason(at.access.audit.list(operator, whole=True), Forbidden) == "role"
            await people.grant(OWNER, name="operator", role=Role.VISITOR, project="demo")
            assert await _reason(at.access.audit.list(at.caller("operator")), Forbidden) == "role"

    asyncio.run(story())


def test_who_has_a_role_is_known_as_it_stands_now(tmp_path: Path) -> None:
    """Semantics 4.1.1: those whom a review asks. Nobody who is let in no more, and nobody of another project."""

    async def story() -> None:
        async with place(tmp_path) as at:
            people, known = at.access.people, at.access.register.index
            assert known.in_roles("demo", ("admin",)) == ("operator", "reader")
            assert known.in_roles("demo", ("operator", "no-such-role")) == ()
            assert known.in_roles("nowhere", ("admin",)) == ()
            await people.grant(OWNER, name="reader", role=Role.OPERATOR, project="demo")
            await people.grant(
                OWNER, name="stranger", role=Role.OPERATOR, project="demo", environment="production"
            )
            assert known.in_roles("demo", ("operator", "admin")) == ("reader", "operator")
            await people.disable(OWNER, name="reader")
            assert known.in_roles("demo", ("operator",)) == ()

    asyncio.run(story())


def test_everybody_sees_to_their_own_keys_only(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            keys, operator, stranger = at.access.keys, at.caller("operator"), at.caller("stranger", "far")
            assert [key.id for key in await keys.list(operator)] == ["AK", "STS.x"]
            assert await keys.list(stranger) == []
            assert await _reason(keys.list(stranger, owner="operator"), Forbidden) == "role"
            assert await _reason(keys.disable(stranger, id="AK"), NotFound) == "key-unknown"
            (token,) = await keys.tokens(operator)
            assert await _reason(keys.revoke_token(stranger, id=token.id), NotFound) == "token-unknown"
            assert len(await keys.tokens(OWNER)) == 4
            made = await keys.make_token(
                operator, name="ci", scopes=("*:Get*",), projects=("demo",), expires_at=NOW + 1
            )
            view = next(one for one in await keys.tokens(operator) if one.id == made.id)
            assert (view.name, view.scopes, view.projects, view.expires_at) == (
                "ci",
                ("*:Get*",),
                ("demo",),
                NOW + 1,
            )
            limited = at.access.asking.by_token(made.text, project="demo")
            assert await _reason(keys.make(limited), Forbidden) == "scope"
            wide = await keys.make_token(operator, projects=("demo",))
            within = at.access.asking.by_token(wide.text, project="demo")
            assert await _reason(keys.make_token(within), Forbidden) == "scope"

    asyncio.run(story())


def test_what_cannot_be_is_refused_with_every_reason(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            access = at.access
            with pytest.raises(Invalid) as refused:
                await access.keys.make_token(
                    OWNER, owner="reader", name="x" * 200, scopes=(" ",), projects=("no",), expires_at=1
                )
            assert [problem.path for problem in refused.value.problems] == [
                "projects[0]",
                "scopes[0]",
                "name",
                "expires_at",
            ]
            # Such a token was kept, and no list of tokens could be shown any more.
            with pytest.raises(Invalid, match="within 100 years"):
                await access.keys.make_token(OWNER, owner="reader", expires_at=10**30)
            with pytest.raises(Invalid):
                await access.projects.create(OWNER, name="a b", number=-1, id="x")
            with pytest.raises(Invalid):
                await access.people.create(OWNER, name=" ", user_id="x")
            with pytest.raises(Invalid):
                await access.people.set_password(OWNER, name="reader", password="short")
            for call in (
                access.projects.create(OWNER, name="demo"),
                access.projects.create(OWNER, name="new", number=10000),
                access.people.create(OWNER, name="reader"),
            ):
                assert await _reason(call, Conflict) == "exists"
            assert await _reason(access.people.disable(OWNER, name="no"), NotFound) == "person-unknown"
            attached = access.people.attach(OWNER, name="reader", policies=("no",))
            assert await _reason(attached, NotFound) == "policy-unknown"
            assert await _reason(access.policies.remove(OWNER, name="read-only"), Refused) == "in-use"
            await access.people.attach(OWNER, name="reader", policies=())
            await access.policies.remove(OWNER, name="read-only")
            assert await access.policies.list(OWNER) == []

    asyncio.run(story())


def test_projects_are_seen_by_their_members(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            projects = at.access.projects

            async def seen(caller: Caller) -> list[str]:
                return [project.name for project in await projects.list(caller)]

            assert await seen(at.caller("operator", "")) == ["demo"]
            assert await seen(at.caller("owner", "")) == ["demo", "far"] == await seen(OWNER)
            await projects.disable(OWNER, name="demo")
            assert await seen(at.caller("operator", "")) == []
            assert await seen(at.caller("owner", "")) == ["demo", "far"]
            with pytest.raises(Forbidden):
                await projects.disable(at.caller("operator"), name="demo", disabled=False)
            await projects.disable(at.caller("owner"), name="demo", disabled=False)
            assert await seen(at.caller("operator", "")) == ["demo"]

    asyncio.run(story())


def test_a_role_may_differ_in_one_environment(tmp_path: Path) -> None:
    """API-9: per project and environment."""

    async def story() -> None:
        async with place(tmp_path) as at:
            people = at.access.people
            await people.grant(OWNER, name="stranger", role=Role.VISITOR, project="demo")
            await people.grant(
                OWNER, name="stranger", role=Role.DEPLOYER, project="demo", environment="production"
            )
            for environment, allowed in (("production", True), ("staging", False), ("", False)):
                verdict = await people.why(
                    OWNER, name="stranger", action=Action.START_RUN, project="demo", environment=environment
                )
                assert verdict.allowed is allowed, environment
            await people.revoke(OWNER, name="stranger", project="demo", environment="production")
            (member,) = [one for one in await people.members(OWNER, project="demo") if one.name == "stranger"]
            assert (member.role, member.environments) == (Role.VISITOR, {})
            await people.revoke(OWNER, name="stranger", project="demo")
            assert "stranger" not in [one.name for one in await people.members(OWNER, project="demo")]

    asyncio.run(story())


def test_the_reason_of_a_refusal_can_be_asked_for(tmp_path: Path) -> None:
    """API-9."""

    async def story() -> None:
        async with place(tmp_path) as at:
            people, reader = at.access.people, at.caller("reader")
            own = await people.why(reader, action=Action.START_RUN)
            assert (own.allowed, own.ground) == (False, "implicit-deny")
            assert "read-only" in own.because
            named = await people.why(reader, action=Action.START_RUN, names=("dataworks:GetPipelineRun",))
            assert (named.allowed, named.policy) == (True, "read-only")
            assert await _reason(people.why(reader, name="operator", action=Action.GET_RUN), Forbidden)
            of_other = await people.why(at.caller("operator"), name="stranger", action=Action.GET_RUN)
            assert of_other.ground == "not-a-member"
            await people.disable(OWNER, name="reader")
            gone = await people.why(OWNER, name="reader", action=Action.GET_RUN, project="demo")
            assert gone.ground == "disabled"
            assert await _reason(people.why(OWNER, action="ferryman:Fly"), NotFound) == "action-unknown"
            with pytest.raises(NotFound, match=r"did you mean ferryman:StartRun\?"):  # ERR-3
                await people.why(OWNER, action="ferryman:StartRn")

    asyncio.run(story())


def test_limits_count_by_key_and_are_off_unless_set(tmp_path: Path) -> None:
    """RULINGS 23: 50 reads and 20 writes a second, or 5 of all."""

    async def story() -> None:
        async with place(tmp_path) as at:
            asking = at.access.asking
            caller, other = asking.by_token("operator-token"), asking.by_token("owner-token")
            assert all(asking.allowance(caller, writes=True).allowed for _ in range(1_000))
            await _limited(at, "all = 5")
            answers = [asking.allowance(caller, writes=False) for _ in range(7)]
            assert [one.allowed for one in answers] == [True] * 5 + [False] * 2
            assert [one.remaining for one in answers] == [4, 3, 2, 1, 0, 0, 0]
            assert (answers[-1].limit, answers[-1].retry_after) == (5, 200)
            assert asking.allowance(other, writes=False).allowed
            await at.clock.move_to(NOW + 199)
            assert not asking.allowance(caller, writes=True).allowed
            await at.clock.move_to(NOW + 200)
            assert asking.allowance(caller, writes=True).allowed
            await _limited(at, 'preset = "enterprise"')
            await at.clock.move_to(NOW + 4_000)
            for writes, limit in ((True, 20), (False, 50)):
                allowed = [asking.allowance(caller, writes=writes).allowed for _ in range(limit + 1)]
                assert allowed == [True] * limit + [False]
            await _limited(at, "reads = 3\nwrites = 1")
            await at.clock.move_to(NOW + 5_000)
            assert [asking.allowance(caller, writes=True).allowed for _ in range(2)] == [True, False]
            assert [asking.allowance(caller, writes=False).allowed for _ in range(4)] == [True] * 3 + [False]

    asyncio.run(story())


async def _limited(at: Place, limits: str) -> None:
    await at.access.furnishing.apply(read_seed(f"[limits]\n{limits}"))


def test_the_last_account_stays(tmp_path: Path) -> None:
    """Without any, nobody could let anybody in again from afar; who is disabled counts for none."""

    async def story() -> None:
        async with place(tmp_path) as at:
            people = at.access.people
            with pytest.raises(Refused, match="owner is the last account") as refused:
                await people.disable(at.caller("owner"), name="owner")
            assert refused.value.reason == "last-account"
            assert at.caller("owner").name == "owner"
            await people.create(OWNER, name="second", account=True)
            both = (people.disable(OWNER, name="owner"), people.disable(OWNER, name="second"))
            done = await asyncio.gather(*both, return_exceptions=True)
            assert [type(each) for each in done].count(Refused) == 1
            left = "second" if isinstance(done[1], Refused) else "owner"
            assert await _reason(people.disable(OWNER, name=left), Refused) == "last-account"
            await people.disable(OWNER, name=left, disabled=False)

    asyncio.run(story())


def test_a_seed_takes_the_last_account_from_nobody(tmp_path: Path) -> None:
    """It may move it: another account declared beside is enough."""
    taken = '[[principal]]\nname = "owner"\naccount = false\n'
    moved = taken + '[[principal]]\nname = "second"\naccount = true\n'

    async def story() -> None:
        async with place(tmp_path) as at:
            with pytest.raises(Invalid, match=r"principal\[0\]\.account: would leave no account"):
                await at.access.furnishing.apply(read_seed(taken))
            await at.access.furnishing.apply(read_seed(moved))
            assert [one.name for one in await at.access.people.list(OWNER) if one.account] == ["second"]

    asyncio.run(story())


NEAR: tuple[tuple[str, Verb, str], ...] = (
    (
        "person",
        lambda at, who: at.people.grant(who, name="stranges", role=Role.VISITOR, project="demo"),
        "there is no person stranges",
    ),
    (
        "project",
        lambda at, who: at.people.grant(who, name="reader", role=Role.VISITOR, project="fars"),
        "there is no project fars",
    ),
    ("owner", lambda at, who: at.keys.make(who, owner="stranges"), "there is no person stranges"),
    ("off", lambda at, who: at.projects.disable(who, name="fars"), "there is no project fars"),
    ("policy", lambda at, who: at.policies.read(who, name="read-onl"), "there is no policy read-onl"),
)


@pytest.mark.parametrize(("name", "verb", "said"), NEAR, ids=[row[0] for row in NEAR])
def test_what_is_near_is_told_to_who_may_see_everything(
    name: str, verb: Verb, said: str, tmp_path: Path
) -> None:
    """ERR-3, API-10: an admin of one project is not told who or what there is elsewhere."""

    async def story() -> None:
        async with place(tmp_path) as at:
            with pytest.raises(NotFound) as told:
                await verb(at.access, OWNER)
            assert str(told.value).startswith(f"{said}; did you mean ")
            operator = at.access.asking.by_token("operator-token", project="demo")
            with pytest.raises(FerrymanError) as told_operator:
                await verb(at.access, operator)
            assert "did you mean" not in str(told_operator.value)

    asyncio.run(story())
