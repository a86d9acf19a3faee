"""dispatchType and baseOS to runs-on (pipeline-yaml 7.1, 12.1); back in `reading.runs_on`."""

from ferryman.definition.model.files.fields import write_fields
from ferryman.definition.model.files.reading.runs_on import AGENTLESS, ANY_SYSTEM, DOCKER
from ferryman.definition.model.files.tables import RUNS_ON_CONTROL
from ferryman.definition.model.files.values import Json, Tree, mapping, ordered, text
from ferryman.definition.model.files.words import SYSTEMS, reverse
from ferryman.definition.model.files.writing.losses import Losses

_KEYS = (
    "self-hosted pool-name node-name lock-resource-with agent-selector workspace container hw-spec needs"
    " queue-timeout-minutes concurrency-limit-per-node concurrency-limit-total"
)
_CONTAINER_KEYS = ("image", "image-code", "image-version", "credentials", "options", "image-pull-policy")
_AGENTS = {"THIRD_PARTY_AGENT_ENV": "pool-name", "THIRD_PARTY_AGENT_ID": "node-name"}
_REUSE = ("REUSE_JOB_ID", "REUSE_JOB")
_OLD_FORMS = (
    ("thirdPartyAgentId", "THIRD_PARTY_AGENT_ID"),
    ("thirdPartyAgentEnvId", "THIRD_PARTY_AGENT_ENV"),
    ("dockerBuildVersion", "DOCKER"),
)
_LOST = {
    "envProjectId": "a pool of another project",
    "reusedInfo": "what else is known of a machine used before",
    "credentialProject": "a credential of another project",
}


def write_runs_on(box: Tree, path: str, losses: Losses) -> Json:
    """Where a job runs; None when a container with the default image and nothing else is meant."""
    control = write_fields(RUNS_ON_CONTROL, mapping(box.get("jobControlOption")))
    if box.get("@type") == "normal":
        return {"pool-name": AGENTLESS} | control
    dispatch = _dispatch(box)
    place = f"{path}.dispatchType"
    losses.tell_fields(place, dispatch, _LOST)
    kind = text(dispatch.get("buildType")) or "DOCKER"
    if kind in _AGENTS and text(dispatch.get("value")):
        found = _self_hosted(dispatch, kind, box, place, losses)
        if mapping(box.get("buildEnv")):
            losses.tell(f"{path}.buildEnv", "tools to install on a machine of one's own", key="buildEnv")
    elif kind == "DOCKER":
        found = _docker(dispatch, place, losses)
        if box.get("baseOS") not in (None, "", "LINUX"):
            losses.tell(f"{path}.baseOS", "a container that is not for Linux", key="baseOS")
        found |= {"needs": tools} if (tools := _tools(box)) else {}
    else:
        losses.tell(place, f"machines of the kind {kind}", key="buildType")
        found = {"pool-name": DOCKER} | ({"needs": tools} if (tools := _tools(box)) else {})
    found = ordered(found | control, tuple(_KEYS.split()))
    return None if found == {"pool-name": DOCKER} else found


def _dispatch(box: Tree) -> Tree:
    """The dispatch type, made of the fields that older models have in its place."""
    if mapping(box.get("dispatchType")):
        return mapping(box["dispatchType"])
    workspace = {"workspace": box["thirdPartyWorkspace"]} if text(box.get("thirdPartyWorkspace")) else {}
    for field, kind in _OLD_FORMS:
        if text(box.get(field)):
            return {"buildType": kind, "value": text(box[field]), **workspace}
    return {}


def _tools(box: Tree) -> Tree:
    return {key: text(value) for key, value in mapping(box.get("buildEnv")).items()}


def _self_hosted(dispatch: Tree, kind: str, box: Tree, path: str, losses: Losses) -> Tree:
    value, naming = text(dispatch["value"]), text(dispatch.get("agentType"))
    key = "lock-resource-with" if naming in _REUSE else _AGENTS[kind]
    if naming == "ID":
        losses.tell(path, "a machine or pool by its id; the id is written as its name", key="agentType")
    if value == DOCKER and key == "pool-name":
        losses.tell(path, "a pool of one's own named docker", key="value")
    found: Tree = {"self-hosted": True, key: value} | _workspace(dispatch)
    system = text(box.get("baseOS")) or ANY_SYSTEM
    if key != "pool-name" or value not in SYSTEMS:
        word = reverse(SYSTEMS).get(system)
        found |= {"agent-selector": [word]} if word else {}
    info = mapping(dispatch.get("dockerInfo"))
    container = {
        "image": text(info.get("image")),
        "image-code": text(info.get("imageCode")),
        "image-version": text(info.get("imageVersion")),
        **_credentials(mapping(info.get("credential"))),
        **_options(info),
    }
    return found | _container(container)


def _docker(dispatch: Tree, path: str, losses: Losses) -> Tree:
    code, tag = text(dispatch.get("imageCode")), text(dispatch.get("imageVersion"))
    image = _with_tag(text(dispatch.get("value")), tag)
    if dispatch.get("imageType") == "BKDEVOPS" and image:
        losses.tell(path, "an image of the product's own store", key="imageType")
    container = {
        "image": image,
        "image-code": code,
        "image-version": tag if code or not image else "",
        **_credentials({"credentialId": dispatch.get("credentialId"), **mapping(dispatch.get("credential"))}),
        **_options(dispatch),
    }
    found: Tree = {"pool-name": DOCKER} | _workspace(dispatch) | _container(container)
    performance = text(dispatch.get("performanceConfigId"))
    return found | ({"hw-spec": performance} if performance else {})


def _with_tag(image: str, tag: str) -> str:
    """The image as a file wants it: with a tag, or with a placeholder that may bring one."""
    if not image or (not tag and ("${{" in image or ":" in image.rpartition("/")[2])):
        return image
    return f"{image}:{tag or 'latest'}"


def _container(container: Tree) -> Tree:
    found = {
        key: value
        for key, value in ordered(container, _CONTAINER_KEYS).items()
        if value not in ("", {}, None)
    }
    return {"container": found} if found else {}


def _credentials(credential: Tree) -> Tree:
    if text(credential.get("user")):
        account = {"username": text(credential["user"]), "password": text(credential.get("password"))}
        return {"credentials": account}
    return {"credentials": text(credential.get("credentialId"))}


def _options(document: Tree) -> Tree:
    return {
        "options": mapping(document.get("options")),
        "image-pull-policy": text(document.get("imagePullPolicy")),
    }


def _workspace(dispatch: Tree) -> Tree:
    return {"workspace": text(dispatch["workspace"])} if text(dispatch.get("workspace")) else {}
