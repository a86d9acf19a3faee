"""Variables and their forms (pipeline-yaml 5)."""

from ferryman.definition.file.shapes import Anything, Forms, Key, Keys, Listing, Refusal, Standing, Text, Word
from ferryman.definition.file.tables.common import FLAG, PAIRS, TEMPLATE_STORE, TEXT, VALUE

BASIC_TYPES = ("vuex-input", "vuex-textarea", "boolean", "selector", "checkbox")
STORE_TYPES = (
    "custom-file",
    "artifactory",
    "sub-pipeline",
    "git-ref",
    "svn-tag",
    "repo-ref",
    "code-lib",
    "container-type",
    "form-list",
    "tips",
)

_OPTION = Keys(
    what="an option",
    keys=(
        Key("id", TEXT, "The value the variable gets.", True),
        Key("label", TEXT, "What the form shows; the id when absent."),
        Key("description", TEXT, "A longer explanation."),
    ),
)

_REPOSITORY = Keys(
    what="a repository value",
    keys=(
        Key("repo-name", TEXT, "Name of the repository.", True, standing="N"),
        Key("branch", TEXT, "Branch of the repository.", standing="N"),
    ),
)

_CONTAINER_TYPE = Keys(
    what="container-type",
    keys=(
        Key("build-type", TEXT, "Kind of the environment.", standing="N"),
        Key("os", Word(words=("LINUX", "WINDOWS", "MACOS")), "Operating system.", standing="N"),
    ),
)


def _later(name: str, shape: Text | type[Anything], help: str) -> Key:
    return Key(name, shape if isinstance(shape, Text) else shape(), help, standing="N")


def _props(*more: Key, standing: Standing = "C") -> Keys:
    return Keys(
        what="props",
        keys=(
            Key("type", Word(words=(*BASIC_TYPES, *STORE_TYPES)), "Kind of the form field.", True, standing),
            Key("label", TEXT, "Name shown in the form.", standing=standing),
            Key("options", Listing(item=_OPTION), "Choices of a selector or checkbox.", standing=standing),
            Key("description", TEXT, "Explanation shown in the form.", standing=standing),
            Key("group", TEXT, "Part of the form it stands in.", standing=standing),
            Key("required", FLAG, "Whether a start needs a value.", standing=standing, default=False),
            _later("repo-id", TEXT, "Id of the repository."),
            _later("relative-path", TEXT, "Path in the repository."),
            _later("scm-type", TEXT, "Kind of the repository."),
            Key("container-type", _CONTAINER_TYPE, "Which environments are offered.", standing="N"),
            _later("filter-rule", TEXT, "Glob of the files offered."),
            Key("version-control", FLAG, "Whether uploaded files get versions.", standing="N", default=False),
            Key(
                "metadata",
                Keys(what="metadata", rest=Anything()),
                "Properties of the files offered.",
                standing="N",
            ),
            _later("payload", Anything, "Kept as it is; the choices come from elsewhere."),
            *more,
        ),
    )


def _variable(props: Keys, standing: Standing = "C") -> Keys:
    return Keys(
        what="a variable",
        keys=(
            Key(
                "value",
                Forms(scalar=VALUE, mapping=_REPOSITORY, listing=Listing(item=Anything())),
                "The value unless a start gives another.",
                True,
                standing,
            ),
            Key("readonly", FLAG, "Whether steps cannot change it.", standing=standing, default=False),
            Key(
                "allow-modify-at-startup",
                FLAG,
                "Whether a start can give a value.",
                standing=standing,
                default=True,
            ),
            Key(
                "const",
                FLAG,
                "Whether it never changes; for names in capitals.",
                standing=standing,
                default=False,
            ),
            Key("as-instance-input", FLAG, "For templates: whether a copy asks for it.", standing="N"),
            Key("sensitive", FLAG, "Whether its value is masked.", standing=standing, default=False),
            Key("if", PAIRS, "Values of other variables with which the form shows it.", standing=standing),
            Key("props", props, "How the form shows it.", standing=standing),
            Key("name", Anything(), "Without effect; write props.label.", standing="N"),
            Key("required", Anything(), "Without effect; write props.required.", standing="N"),
            Key("value-not-empty", Anything(), "Without effect; write props.required.", standing="N"),
        ),
    )


_FIELDS = Keys(what="fields", rest=Forms(scalar=VALUE, mapping=_variable(_props(standing="N"), "N")))

PROPS = _props(Key("fields", _FIELDS, "Variables of one row of a form-list.", standing="N"))

VARIABLE = _variable(PROPS)

VARIABLES = Keys(
    what="variables",
    rest=Forms(scalar=VALUE, mapping=VARIABLE),
    longest_name=64,
    refusals=(Refusal("template", TEMPLATE_STORE, vendor=True),),
)
