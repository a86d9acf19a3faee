"""Definitions by version, and the numbers of runs."""

from ferryman.domain.errors import NotFound
from ferryman.testing.stores.sample import Make, opened, outcomes, refusal


async def check_every_version_of_a_definition_stays(make: Make) -> None:
    """The newest is given where none is named."""
    async with opened(make) as store:
        for version in (1, 2, 3):
            text = f"name: schön {version}"
            saved = await store.save_pipeline("local", "p", b"%d" % version, text, at=1, by="ada")
            assert saved == version
        assert await store.pipeline("local", "p") == (3, b"3", "name: schön 3")
        assert await store.pipeline("local", "p", 1) == (1, b"1", "name: schön 1")
        await refusal(store.pipeline("local", "p", 4), NotFound)
        await refusal(store.pipeline("local", "nowhere"), NotFound)
        await refusal(store.pipeline("far", "p"), NotFound)


async def check_the_same_bytes_are_the_same_version(make: Make) -> None:
    """Both the definition and its text count; what was saved before the newest is a version of its own again."""
    async with opened(make) as store:

        async def save(definition: bytes, text: str) -> int:
            return await store.save_pipeline("local", "p", definition, text, at=1, by="ada")

        assert await save(b"a", "a") == 1
        assert await save(b"a", "a") == 1
        assert await save(b"a", "a # said better") == 2
        assert await save(b"b", "a # said better") == 3
        assert await save(b"a", "a") == 4
        assert set(await outcomes(save(b"c", "c") for _ in range(20))) == {5}


async def check_each_number_is_given_out_once(make: Make) -> None:
    """1, 2, 3 …, for each pipeline, whoever asks at the same time, across restarts."""
    async with opened(make) as store:
        numbers = await outcomes(store.next_number("local", "p") for _ in range(100))
        assert sorted(map(str, numbers)) == sorted(map(str, range(1, 101)))
        assert await store.next_number("local", "q") == 1
        assert await store.next_number("far", "p") == 1
        await store.close()
        await store.open()
        assert await store.next_number("local", "p") == 101


CHECKS = (
    check_every_version_of_a_definition_stays,
    check_the_same_bytes_are_the_same_version,
    check_each_number_is_given_out_once,
)
