"""Who asks: credentials → callers, refused at the very next request after a change (API-8, API-10, RULINGS 32)."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from ferryman.domain.access import EVERYTHING, Role
from ferryman.domain.actions import Action
from ferryman.domain.errors import FerrymanError, Forbidden, NotFound, Unauthenticated, Unavailable
from ferryman.ports.secrets import SecretUse
from ferryman.secrets import KeyFile, SecretStore
from ferryman.services import Caller
from ferryman.services.access import Access, digests
from ferryman.services.permits import permit
from tests.services.access.place import NOW, Place, place

OWNER = Caller(name="root", rights=EVERYTHING)


def refused(call: Callable[[], object], kind: type[FerrymanError] = Unauthenticated) -> str:
    """The reason for which a call is refused."""
    with pytest.raises(kind) as error:
        call()
    return str(getattr(error.value, "reason", ""))


def test_a_token_is_its_owner(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            caller = at.access.asking.by_token("operator-token", project="demo", request="r", address="::1")
            assert (caller.name, caller.project, caller.rights.role) == ("operator", "demo", Role.ADMIN)
            assert (caller.request, caller.address, caller.at) == ("r", "::1", NOW)
            permit(caller, Action.START_RUN)
            assert refused(lambda: at.access.asking.by_token("other")) == "token-unknown"
            assert refused(lambda: at.access.asking.by_token("\ud800")) == "token-unknown"
            await at.clock.move_to(1_893_456_000_000)
            assert refused(lambda: at.access.asking.by_token("operator-token")) == "token-expired"

    asyncio.run(story())


def test_a_project_that_is_not_yours_is_not_there(tmp_path: Path) -> None:
    """API-10: one that exists and one that does not are refused alike, also with a token of the account."""

    async def story() -> None:
        async with place(tmp_path) as at:
            for token in ("operator-token", "owner-token"):
                lost = at.access.asking.by_token(token, project="nowhere")
                with pytest.raises(NotFound, match="there is no project nowhere"):
                    permit(lost, Action.GET_RUN)
            elsewhere = at.access.asking.by_token("operator-token", project="far")
            with pytest.raises(NotFound, match="there is no project far"):
                permit(elsewhere, Action.GET_RUN)
            made = await at.access.keys.make_token(OWNER, owner="owner", projects=("far",))
            for project, kind in (("demo", NotFound), ("far", None)):
                caller = at.access.asking.by_token(made.text, project=project)
                if kind:
                    with pytest.raises(kind):
                        permit(caller, Action.GET_RUN)
                else:
                    permit(caller, Action.GET_RUN)
            await at.access.projects.disable(OWNER, name="far")
            with pytest.raises(NotFound):
                permit(at.access.asking.by_token(made.text, project="far"), Action.GET_RUN)

    asyncio.run(story())


async def _revoke(at: Place) -> None:
    (token,) = await at.access.keys.tokens(OWNER, owner="operator")
    await at.access.keys.revoke_token(OWNER, id=token.id)


async def _disable(at: Place) -> None:
    await at.access.people.disable(OWNER, name="operator")


@pytest.mark.parametrize(("change", "reason"), [(_revoke, "token-revoked"), (_disable, "user-disabled")])
def test_a_token_is_refused_at_the_next_request(
    change: Callable[[Place], object], reason: str, tmp_path: Path
) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            at.access.asking.by_token("operator-token")
            await change(at)  # type: ignore[misc]
            assert refused(lambda: at.access.asking.by_token("operator-token")) == reason
            again = await at.again()
            assert refused(lambda: again.asking.by_token("operator-token")) == reason

    asyncio.run(story())


def test_a_right_that_was_taken_is_gone_at_the_next_request(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            permit(at.caller("operator"), Action.WRITE_SECRET)
            await at.access.people.grant(OWNER, name="operator", role=Role.VISITOR, project="demo")
            with pytest.raises(Forbidden, match="only admin may"):
                permit(at.caller("operator"), Action.WRITE_SECRET)
            await at.access.people.revoke(OWNER, name="operator", project="demo")
            with pytest.raises(NotFound):
                permit(at.caller("operator"), Action.GET_RUN)
            permit(at.caller("reader"), Action.GET_RUN)
            document = '{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
            await at.access.policies.write(OWNER, name="read-only", document=document)
            with pytest.raises(Forbidden, match="policy read-only denies it"):
                permit(at.caller("reader"), Action.GET_RUN)

    asyncio.run(story())


def test_keys_give_what_signatures_need(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            asking = at.access.asking
            key = asking.by_key("AK")
            assert (key.secret, key.owner, key.is_temporary) == ("key-secret-of-operator", "operator", False)
            assert asking.by_credential(key, project="demo").rights.role is Role.ADMIN
            session = asking.by_key("STS.x")
            assert session.secret == "session-secret"
            assert session.is_temporary
            assert session.expires_at == 1_893_456_000_000
            assert session.takes("session-token")
            assert not session.takes("session-toke")
            assert refused(lambda: asking.by_key("nobody's")) == "key-unknown"
            await at.access.keys.disable(OWNER, id="AK")
            assert refused(lambda: asking.by_key("AK")) == "key-disabled"
            await at.access.keys.disable(OWNER, id="AK", disabled=False)
            assert asking.by_key("AK") == key
            await at.access.keys.remove(OWNER, id="AK")
            assert refused(lambda: asking.by_key("AK")) == "key-unknown"

    asyncio.run(story())


def test_an_application_speaks_for_members_of_its_projects(tmp_path: Path) -> None:
    """bkci-v3 2.2."""

    async def story() -> None:
        async with place(tmp_path) as at:
            asking = at.access.asking
            caller = asking.by_app("app", "secret-of-the-app", user="operator", project="demo")
            assert (caller.name, caller.credential) == ("operator", "app:app")
            for code, secret in (("app", "wrong"), ("other", "secret-of-the-app"), ("app", "")):
                with pytest.raises(Unauthenticated) as error:
                    asking.by_app(code, secret, user="operator")
                assert error.value.reason == "app-unknown"
            assert refused(lambda: asking.by_app("app", "secret-of-the-app", user="x")) == "user-unknown"
            reason = refused(
                lambda: asking.by_app("app", "secret-of-the-app", user="operator", project="far"), Forbidden
            )
            assert reason == "app-not-registered"

    asyncio.run(story())


def test_a_password_lets_in_and_a_wrong_one_does_not(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            asking = at.access.asking
            caller = await asking.by_password("operator", "correct horse battery", project="demo")
            assert caller.rights.role is Role.ADMIN
            wrong = [("operator", "wrong"), ("operator", ""), ("stranger", "x"), ("nobody", "x")]
            reasons = []
            for name, password in wrong:
                with pytest.raises(Unauthenticated) as error:
                    await asking.by_password(name, password)
                reasons.append((error.value.reason, str(error.value)))
            assert len(set(reasons)) == 1
            assert reasons[0][0] == "wrong-password"
            await at.access.people.set_password(caller, password="another long one")
            with pytest.raises(Unauthenticated):
                await asking.by_password("operator", "correct horse battery")
            await asking.by_password("operator", "another long one")

    asyncio.run(story())


def test_uses_are_written_in_groups(tmp_path: Path) -> None:
    """API-8: when a token was last used is kept, at most once a minute, many together."""

    async def story() -> None:
        async with place(tmp_path) as at:
            asking = at.access.asking
            for _ in range(3):
                asking.by_token("operator-token")
            asking.by_credential(asking.by_key("AK"))
            (token,) = await at.access.keys.tokens(OWNER, owner="operator")
            assert token.used_at == NOW
            assert (await at.again()).asking.used_at(f"token:{token.id}") == 0
            before = len(await at.audit())
            await asking.write_uses()
            again = (await at.again()).asking
            assert again.used_at(f"token:{token.id}") == again.used_at("key:AK") == NOW
            assert len(await at.audit()) == before, "a use is no change"
            await at.clock.move_to(NOW + 59_000)
            asking.by_token("operator-token")
            assert asking.used_at(f"token:{token.id}") == NOW
            await at.clock.move_to(NOW + 60_000)
            asking.by_token("operator-token")
            assert asking.used_at(f"token:{token.id}") == NOW + 60_000

    asyncio.run(story())


def test_a_use_that_could_not_be_written_is_written_the_next_time(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            asking = at.access.asking
            asking.by_credential(asking.by_key("AK"))
            await at.store.close()
            await asking.write_uses()
            await at.store.open()
            await asking.write_uses()
            assert (await at.again()).asking.used_at("key:AK") == NOW

    asyncio.run(story())


def test_who_goes_away_does_not_leave_half_a_change(tmp_path: Path) -> None:
    """A change that was accepted is known here as soon as it is kept there, whoever asked for it."""

    async def story() -> None:
        async with place(tmp_path) as at:
            (token,) = await at.access.keys.tokens(OWNER, owner="operator")
            asked = asyncio.create_task(at.access.keys.revoke_token(OWNER, id=token.id))
            await asyncio.sleep(0)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
            await at.access.register.close()
            kept = await at.again()
            here = at.access.asking
            try:
                kept.asking.by_token("operator-token")
            except Unauthenticated:
                assert refused(lambda: here.by_token("operator-token")) == "token-revoked"
            else:
                here.by_token("operator-token")

    asyncio.run(story())


def test_a_change_that_cannot_be_kept_is_not_known_either(tmp_path: Path) -> None:
    """The audit is in the same transaction: without the one there is not the other."""

    async def story() -> None:
        async with place(tmp_path) as at:
            before = await at.audit()
            await at.store.close()
            for call in (
                at.access.people.create(OWNER, name="late"),
                at.access.people.disable(OWNER, name="operator"),
                at.access.policies.write(OWNER, name="p", document='{"Version":"1","Statement":[]}'),
            ):
                with pytest.raises(Unavailable):
                    await call
            await at.store.open()
            at.access.asking.by_token("operator-token")
            assert refused(lambda: at.access.asking.by_name("late")) == "user-unknown"
            assert await at.audit() == before

    asyncio.run(story())


def test_what_is_kept_of_secrets_opens_nothing() -> None:
    assert digests.new_token().startswith(digests.TOKEN_PREFIX)
    assert len({digests.new_token() for _ in range(100)}) == 100
    kept = digests.hashed("a password")
    assert kept.startswith("$argon2id$")
    assert digests.is_password("a password", kept)
    assert not digests.is_password("a passwore", kept)
    assert not digests.is_password("x", "no hash")


def test_keys_are_changed_without_losing_what_they_sealed(tmp_path: Path) -> None:
    """SEC-3."""

    async def story() -> None:
        async with place(tmp_path) as at:
            rows = at.store.secrets
            secrets = SecretStore(rows, Unused(), at.keys, at.clock)
            old = at.keys.current[0]
            assert await secrets.rotate([], also=[at.access.furnishing.reseal]) == 2
            assert at.keys.current[0] != old
            keys = KeyFile(tmp_path / "secrets.key")
            keys.open()
            again = Access(rows=at.store.access, audit=at.store.audit, keys=keys, clock=at.clock)
            await again.open()
            for access in (at.access, again):
                assert access.asking.by_key("AK").secret == "key-secret-of-operator"
                assert access.asking.by_key("STS.x").secret == "session-secret"

    asyncio.run(story())


class Unused:
    """Hears of no use."""

    async def record(self, use: SecretUse) -> None:
        raise AssertionError("nothing is resolved here")
