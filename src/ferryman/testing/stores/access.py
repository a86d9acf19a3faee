"""Access and audit: records by kind and key, changed with their entries or not at all."""

from msgspec.structs import replace

from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import Refused, Unavailable
from ferryman.ports.access import AccessRow, AuditSearch
from ferryman.testing.stores.sample import Make, opened, refusal

ROW = AccessRow(kind="token", key="a", record=b'{"\xc3\xb6":1}')
ENTRY = AuditEntry(
    at=5,
    by="ada",
    project="shop",
    action="ferryman:ManageAccess",
    subject="principal/bob",
    request="r-1",
    address="127.0.0.1",
    reason="she asked",
    before={"roles": {"shop": "visitor"}},
    after={"roles": {"shop": "admin"}, "n": [1, None, "ö"]},
)


async def check_a_record_is_kept_by_kind_and_key(make: Make) -> None:
    """The newest counts; removed is gone; what is not there is none to remove."""
    async with opened(make) as store:
        newer = replace(ROW, record=b"{}")
        other = replace(ROW, kind="project")
        await store.access.change(keep=[ROW, other])
        await store.access.change(keep=[newer], remove=[("token", "never there")])
        assert tuple(await store.access.every()) == (other, newer)
        await store.access.change(remove=[("project", "a")])
        assert tuple(await store.access.every()) == (newer,)
        await store.close()
        await store.open()
        assert tuple(await store.access.every()) == (newer,)


async def check_a_change_is_kept_with_its_audit(make: Make) -> None:
    """Every field of an entry comes back, also when the store was closed meanwhile."""
    async with opened(make) as store:
        plain = AuditEntry(at=6, by="bob", action="ferryman:CreateProject", subject="project/far")
        await store.access.change(keep=[ROW], audit=[ENTRY, plain])
        await store.audit.add([replace(plain, at=7)])
        await store.close()
        await store.open()
        found = await store.audit.page(AuditSearch())
        assert [row.entry for row in found] == [replace(plain, at=7), plain, ENTRY]
        assert [row.place for row in found] == [3, 2, 1]


async def check_what_cannot_be_kept_leaves_nothing(make: Make) -> None:
    """A change whose audit cannot be written down is no change, and leaves no entry."""
    async with opened(make) as store:
        await store.access.change(keep=[ROW], audit=[ENTRY])
        unfit = replace(ENTRY, after=object())
        try:
            await store.access.change(
                keep=[replace(ROW, key="b")], remove=[("token", "a")], audit=[ENTRY, unfit]
            )
        except TypeError:
            pass
        else:
            raise AssertionError("an entry that cannot be written down was accepted")
        assert tuple(await store.access.every()) == (ROW,)
        assert len(await store.audit.page(AuditSearch())) == 1


async def check_the_audit_is_searched(make: Make) -> None:
    """By project, person, action, subject and time; page by page, newest first."""
    async with opened(make) as store:
        entries = [
            replace(ENTRY, at=number, project=project, by=by, subject=f"principal/{number % 2}")
            for number, (project, by) in enumerate(
                [("shop", "ada"), ("shop", "bob"), ("far", "ada"), ("", "ada")], 1
            )
        ]
        entries.append(replace(ENTRY, at=9, action="ferryman:CreateProject"))
        await store.audit.add(entries)

        async def places(limit: int = 50, **wanted: object) -> list[int]:
            found = await store.audit.page(replace(AuditSearch(), **wanted), limit=limit)
            return [row.place for row in found]

        assert await places() == [5, 4, 3, 2, 1]
        assert await places(project="shop") == [5, 2, 1]
        assert await places(by="bob") == [2]
        assert await places(action="ferryman:CreateProject") == [5]
        assert await places(subject="principal/0") == [4, 2]
        assert await places(since=2, until=4) == [3, 2]
        assert await places(limit=2) == [5, 4]
        assert await places(limit=2, before=4) == [3, 2]
        assert await places(limit=0) == []


async def check_access_needs_an_open_store(make: Make) -> None:
    """Closed, it neither reads nor writes; open for reading, it does not write."""
    store = make()
    await refusal(store.access.every(), Unavailable)
    await refusal(store.audit.page(AuditSearch()), Unavailable)
    await refusal(store.access.change(keep=[ROW]), Unavailable)
    async with opened(make) as again:
        await again.access.change(keep=[ROW], audit=[ENTRY])
        await again.close()
        await again.open(read_only=True)
        assert tuple(await again.access.every()) == (ROW,)
        await refusal(again.access.change(keep=[ROW]), Refused)
        await refusal(again.audit.add([ENTRY]), Refused)
        assert len(await again.audit.page(AuditSearch())) == 1


CHECKS = (
    check_a_record_is_kept_by_kind_and_key,
    check_a_change_is_kept_with_its_audit,
    check_what_cannot_be_kept_leaves_nothing,
    check_the_audit_is_searched,
    check_access_needs_an_open_store,
)
