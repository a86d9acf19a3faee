"""The seed file (issue 4): read with every fault at once, applied again without harm; and a first start without one."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.domain.access import EVERYTHING, AccessKey, Mode, Principal, Project, Token
from ferryman.domain.actions import Action
from ferryman.domain.errors import Invalid
from ferryman.domain.installation import CrossProject, Environment, Extension, Fetch, Limits, Plugin
from ferryman.services import LOCAL, Caller
from ferryman.services.access import digests, read_seed
from ferryman.services.permits import permit
from ferryman.stores.sqlite import SqliteStore
from tests.services.access.place import SECRETS, SEED, Place, place

OWNER = Caller(name="root", rights=EVERYTHING)


def test_everything_of_the_form_is_kept(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            index = (await at.again()).register.index
            demo = index.get(Project, "demo")
            assert demo is not None
            assert (demo.number, demo.id) == (10000, "0605767f2e00d5762fb7c00f9fd4d3e1")
            assert (demo.mode, demo.connections) == (Mode.STANDARD, ("warehouse",))
            far = index.get(Project, "far")
            assert far is not None
            assert (far.number, len(far.id), far.mode, far.connections) == (10001, 32, Mode.SIMPLE, None)
            people = {person.name: person for person in index.every(Principal)}
            assert people["operator"].user_id == "2003001"
            assert people["operator"].domain == "demo-domain"
            assert people["reader"].user_id == ""
            assert people["stranger"].user_id.isdecimal()
            assert index.every(Extension)[0].events == ("deploy-file",)
            assert index.every(Environment) == [Environment(project="demo", name="production")]
            assert index.every(CrossProject) == [CrossProject(source="demo", target="far")]
            assert index.every(Plugin)[0].command == ("python3", "plugin.py")
            assert index.every(Fetch) == [Fetch(allow=("127.0.0.0/8",))]
            assert index.every(Limits) == [Limits()]

    asyncio.run(story())


PUBLISHED = r"""
[[project]]
name = "demo"                                   # BK-CI project id, DataWorks identifier
number = 10000                                  # DataWorks ProjectId
id = "0605767f2e00d5762fb7c00f9fd4d3e1"         # ServiceStage project_id
mode = "standard"                               # or "simple": no development environment
connections = ["warehouse"]                     # optional: a file naming another connection is refused
[[principal]]
name = "operator"
account = false                                 # true: everything is allowed
user_id = "2003001"                             # optional digits, made and kept when left out; "" = none
password = "…"
domain = "demo-domain"
roles = { demo = "admin" }                      # admin, developer, deployer, operator, visitor
access_keys = [ { id = "AK", secret = "SK", enabled = true } ]
tokens = [ { value = "…", expires = 2030-01-01T00:00:00Z } ]
sessions = [ { id = "STS.x", secret = "…", token = "…", expires = 2030-01-01T00:00:00Z } ]
policies = [ "read-only" ]
[[policy]]
name = "read-only"
document = '''{"Version":"1","Statement":[{"Effect":"Allow","Action":"*:Get*","Resource":"*"}]}'''
[[bkci_app]]
code = "app"
secret = "…"
projects = ["demo"]
[[extension]]                                   # an external checker of deployments, see the DataWorks reference
name = "reviewer"
project = "demo"
events = ["deploy-file"]
url = ""                                        # optional; without it the extension polls
[[environment]]                                 # optional; each project starts with its defaults
project = "demo"
name = "production"
[[cross_project]]                               # an enabled cross-project deployment environment
source = "demo"
target = "demo-two"
[[plugin]]
code = "atom-code"
version = "1.*"
command = ["python3", "plugin.py"]
[fetch]                                         # where artifacts and webhooks may be fetched from or sent to
allow = ["127.0.0.0/8"]
[limits]                                        # throttling, off unless set
"""
"""The form as it is published, word for word: other tools write it so, and it names a project that is not declared."""


def test_the_published_form_is_taken_as_it_stands(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path, seed=PUBLISHED) as at:
            index = at.access.register.index
            assert [project.name for project in index.every(Project)] == ["demo"]
            assert index.every(CrossProject) == [CrossProject(source="demo", target="demo-two")]
            assert await at.access.furnishing.apply(read_seed(PUBLISHED)) == 0

    asyncio.run(story())


def test_applied_again_it_changes_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            before = (await at.store.access.every(), await at.audit())
            assert await at.access.furnishing.apply(read_seed(SEED)) == 0
            again = await at.again()
            assert await again.furnishing.apply(read_seed(SEED)) == 0
            assert (await at.store.access.every(), await at.audit()) == before

    asyncio.run(story())


def test_it_takes_back_nothing_that_was_done_since(tmp_path: Path) -> None:
    """What was made stays; a token that was revoked stays revoked."""

    async def story() -> None:
        async with place(tmp_path) as at:
            (token,) = await at.access.keys.tokens(OWNER, owner="operator")
            await at.access.keys.revoke_token(OWNER, id=token.id)
            await at.access.people.create(OWNER, name="late")
            await at.access.people.disable(OWNER, name="stranger")
            await at.access.furnishing.apply(read_seed(SEED))
            index = at.access.register.index
            assert index.get(Principal, "late") is not None
            person = index.get(Principal, "stranger")
            assert person is not None
            assert person.disabled
            kept = index.get(Token, digests.digest("operator-token"))
            assert kept is not None
            assert kept.revoked_at

    asyncio.run(story())


def test_it_changes_what_it_says_otherwise(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path) as at:
            other = """
                [[principal]]
                name = "operator"
                roles = { far = "visitor" }
                access_keys = [ { id = "AK", secret = "another secret", enabled = false } ]
            """
            assert await at.access.furnishing.apply(read_seed(other)) == 2
            person = at.access.register.index.get(Principal, "operator")
            assert person is not None
            assert (person.roles, person.user_id) == ({"demo": "admin", "far": "visitor"}, "2003001")
            key = at.access.register.index.get(AccessKey, "AK")
            assert key is not None
            assert not key.enabled
            assert digests.opened(at.keys, "key/AK", key.sealed) == "another secret"

    asyncio.run(story())


FAULTY = """
[[project]]
nam = "demo"
number = "many"
[[project]]
name = "a b"
id = 7
[[principal]]
name = "x"
roles = { demo = "boss" }
access_keys = [ { id = "AK", secrets = "hunter2" } ]
tokens = "hunter2"
[[principle]]
name = "y"
[limits]
all = "hunter2"
"""


def test_every_fault_is_told_at_once_with_its_place() -> None:
    with pytest.raises(Invalid) as refused:
        read_seed(FAULTY)
    told = {problem.path: f"{problem.message} ({problem.hint})" for problem in refused.value.problems}
    assert set(told) == {
        "project[0].nam",
        "project[0].number",
        "project[0].name",
        "project[1].id",
        "principal[0].roles",
        "principal[0].access_keys[0].secrets",
        "principal[0].access_keys[0].secret",
        "principal[0].tokens",
        "principle",
        "limits.all",
    }
    assert "did you mean name?" in told["project[0].nam"]
    assert "did you mean principal?" in told["principle"]
    assert "admin, developer, deployer, operator, visitor" in told["principal[0].roles"]
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("[[project", ""),
        ('[[project]]\nname = "a b"', "project[0].name"),
        ('[[project]]\nname = "a"\nid = "XY"', "project[0].id"),
        ('[[project]]\nname = "a"\nnumber = -1', "project[0].number"),
        ('[[project]]\nname = "a"\n[[project]]\nname = "a"', "project[1].name"),
        ('[[principal]]\nname = "a"\nuser_id = "12a"', "principal[0].user_id"),
        ('[[principal]]\nname = "a"\npassword = ""', "principal[0].password"),
        ('[[principal]]\nname = " "', "principal[0].name"),
        ('[[principal]]\nname = "a"\ntokens = [{ value = "" }]', "principal[0].tokens[0].value"),
        (
            '[[principal]]\nname = "a"\ntokens = [{ value = "t", expires = 2030-01-01T00:00:00 }]',
            "principal[0].tokens[0].expires",
        ),
        (
            '[[principal]]\nname = "a"\ntokens = [{ value = "t" }]\n'
            '[[principal]]\nname = "b"\ntokens = [{ value = "t" }]',
            "principal[1].tokens[0].value",
        ),
        ('[[policy]]\nname = "p"\ndocument = "{}"', "policy[0].document"),
        ('[[plugin]]\ncode = "c"\ncommand = []', "plugin[0].command"),
        ('[fetch]\nallow = ["everywhere"]', "fetch.allow[0]"),
        ("[limits]\nreads = -1", "limits.reads"),
        ('[limits]\npreset = "huge"', "limits.preset"),
        ('[limits]\npreset = "basic"\nall = 1', "limits"),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, path: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_seed(text)
    assert path in [problem.path for problem in refused.value.problems]


def test_names_that_mean_nothing_change_nothing(tmp_path: Path) -> None:
    loose = """
        [[project]]
        name = "new"
        number = 10000
        [[principal]]
        name = "x"
        user_id = "2003001"
        roles = { nowhere = "admin" }
        policies = ["nothing"]
        tokens = [ { value = "operator-token" } ]
        access_keys = [ { id = "AK", secret = "s" } ]
        [[bkci_app]]
        code = "b"
        secret = "s"
        projects = ["nowhere"]
        [[environment]]
        project = "nowhere"
        name = "e"
        [[extension]]
        project = "nowhere"
        name = "e"
        [[cross_project]]
        source = "nowhere"
        target = "demo"
    """

    async def story() -> None:
        async with place(tmp_path) as at:
            before = await at.store.access.every()
            with pytest.raises(Invalid) as refused:
                await at.access.furnishing.apply(read_seed(loose))
            assert [problem.path for problem in refused.value.problems] == [
                "project[0].number",
                "principal[0].roles",
                "principal[0].policies",
                "principal[0].tokens[0].value",
                "principal[0].access_keys[0].id",
                "principal[0].user_id",
                "bkci_app[0].projects",
                "extension[0].project",
                "environment[0].project",
                "cross_project[0].source",
            ]
            assert await at.store.access.every() == before

    asyncio.run(story())


TOML_VALUES = st.sampled_from(
    ["1", '"x"', "true", "[]", "{}", '["x"]', '[{name="x"}]', "2030-01-01", "1.5", "{x=1}"]
)
HEADINGS = st.sampled_from(
    ["project", "principal", "policy", "bkci_app", "extension", "plugin", "fetch", "limits", "zz"]
)
KEYS = st.sampled_from(
    ["name", "number", "roles", "tokens", "access_keys", "document", "allow", "command", "zz"]
)


@given(
    st.lists(st.tuples(HEADINGS, st.booleans(), st.dictionaries(KEYS, TOML_VALUES, max_size=3)), max_size=3)
)
def test_law_any_toml_is_a_seed_or_refused(tables: list[tuple[str, bool, dict[str, str]]]) -> None:
    text = "\n".join(
        (f"[[{name}]]\n" if many else f"[{name}]\n")
        + "\n".join(f"{key} = {value}" for key, value in fields.items())
        for name, many, fields in tables
    )
    try:
        read_seed(text)
    except Invalid as error:
        told = error.problems
        assert told


def test_a_first_start_makes_one_of_each_and_shows_it_once(tmp_path: Path) -> None:
    async def story() -> None:
        async with place(tmp_path, seed="") as at:
            made = await at.access.furnishing.first_start()
            assert made is not None
            project = at.access.register.index.get(Project, LOCAL)
            assert project is not None
            assert (project.number, len(project.id)) == (10000, 32)
            caller = at.access.asking.by_token(made.token, project=LOCAL)
            permit(caller, Action.MANAGE_PEOPLE)
            assert at.access.asking.by_key(made.key_id).secret == made.key_secret
            assert made.token not in repr(made)
            assert made.key_secret not in repr(made)
            assert await at.access.furnishing.first_start() is None
            assert await (await at.again()).furnishing.first_start() is None
        async with place(tmp_path) as seeded:
            assert await seeded.access.furnishing.first_start() is None

    asyncio.run(story())


def test_no_secret_lies_in_the_database_nor_in_any_answer(tmp_path: Path) -> None:
    """SEC-1, SEC-3: neither what was declared nor what is made here."""

    async def story() -> list[str]:
        store = SqliteStore(tmp_path / "data")
        async with place(tmp_path, store=store) as at:
            made = await at.access.keys.make_token(OWNER, owner="operator", name="ci")
            key = await at.access.keys.make(OWNER, owner="operator")
            await at.access.people.set_password(OWNER, name="reader", password="long enough for anybody")
            secrets = [*SECRETS, made.text, key.secret, "long enough for anybody"]
            shown = [str(answer) for answer in await _answers(at)]
            shown += [repr(row) for row in await store.access.every()]
            shown += [
                repr(each) for kind in (AccessKey, Token) for each in at.access.register.index.every(kind)
            ]
            shown += [repr(made), repr(key), repr(at.access.asking.by_key("AK")), repr(read_seed(SEED))]
            assert not [text for text in secrets for answer in shown if text in answer]
            return secrets

    secrets = asyncio.run(story())
    files = [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert len(files) > 0
    assert not [text for text in secrets for content in files if text.encode() in content]


async def _answers(at: Place) -> list[object]:
    access = at.access
    return [
        await access.projects.list(OWNER),
        await access.people.list(OWNER),
        await access.people.members(OWNER, project="demo"),
        await access.keys.list(OWNER),
        await access.keys.tokens(OWNER),
        await access.policies.list(OWNER),
        await access.audit.list(OWNER, whole=True, limit=1_000),
        at.caller("operator"),
    ]


def test_the_seed_of_the_docs_is_one(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "access.md").read_text(encoding="utf-8")
    text = page.partition("```toml\n")[2].partition("```")[0]

    async def story() -> None:
        async with place(tmp_path, seed=text) as at:
            assert at.access.register.index.every(Limits) == [Limits(reads=50, writes=20)]
            assert at.access.asking.by_token("fm_of-a-test", project="demo").rights.policies

    asyncio.run(story())
