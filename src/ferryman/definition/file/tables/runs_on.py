"""The machine of a job: `runs-on` (pipeline-yaml 7.1)."""

from ferryman.definition.file.shapes import Forms, Key, Keys, Refusal, Text, Whole, Word
from ferryman.definition.file.tables.common import FLAG, PAIRS, TEXT, TEXTS

_CREDENTIALS = Keys(
    what="credentials",
    keys=(
        Key("username", TEXT, "Name of the account.", True),
        Key("password", TEXT, "Password of the account.", True),
    ),
)

_OPTIONS = Keys(
    what="options",
    keys=(
        Key("volumes", TEXTS, "Volumes of the container."),
        Key("mounts", TEXTS, "Mounts of the container."),
        Key("network", TEXTS, "Networks of the container."),
        Key("gpus", TEXT, "Graphics processors the container gets."),
        Key("user", TEXT, "User inside the container."),
        Key("privileged", FLAG, "Whether the container may do what its host may."),
    ),
)

CONTAINER = Keys(
    what="a container",
    keys=(
        Key(
            "image",
            Text(
                pattern=r"(?s)\S*[^/\s:]:[\w][\w.-]*(@\S+)?|.*\$\{\{.*",
                rule="an image with a tag, such as name:tag",
            ),
            "Image with its tag.",
        ),
        Key("image-code", TEXT, "Code of an image of a store."),
        Key("image-version", TEXT, "Version of an image of a store."),
        Key("credentials", Forms(scalar=TEXT, mapping=_CREDENTIALS), "Account that may fetch the image."),
        Key("options", _OPTIONS, "How the container is started."),
        Key("image-pull-policy", Word(words=("always", "if-not-present")), "When the image is fetched."),
    ),
)

POOL = Keys(
    what="runs-on",
    keys=(
        Key("self-hosted", FLAG, "Whether the job runs on an agent of yours.", default=False),
        Key("pool-name", TEXT, "Pool of agents, docker or agentless."),
        Key("node-name", TEXT, "One agent by its name."),
        Key("lock-resource-with", TEXT, "A job whose agent this one uses too."),
        Key("agent-selector", TEXTS, "The first entry names the system: linux, windows or macos."),
        Key("workspace", TEXT, "Folder the job works in."),
        Key("container", CONTAINER, "Container the job runs in."),
        Key("hw-spec", TEXT, "Size of the machine.", standing="N"),
        Key("needs", PAIRS, "Tools and their versions; not with self-hosted."),
        Key("queue-timeout-minutes", Whole(least=1), "Minutes to wait for a machine.", default=10),
        Key("concurrency-limit-per-node", Whole(least=1, most=1000), "Jobs at once on one agent."),
        Key("concurrency-limit-total", Whole(least=1, most=1000), "Jobs at once on all agents."),
    ),
    refusals=(Refusal("xcode", "belongs to a hosted platform", vendor=True),),
)

RUNS_ON = Forms(scalar=Text(shortest=1), mapping=POOL)
