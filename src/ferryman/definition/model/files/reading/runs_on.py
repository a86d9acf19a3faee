"""runs-on to dispatchType and baseOS (pipeline-yaml 7.1); back in `writing.runs_on`."""

from ferryman.definition.model.files.tables import pairs
from ferryman.definition.model.files.values import Json, Tree, flag, hide_placeholders, mapping, text, texts
from ferryman.definition.model.files.words import SYSTEMS

DOCKER = "docker"
AGENTLESS = "agentless"
ANY_SYSTEM = "ALL"
PLACES = ("lock-resource-with", "pool-name", "node-name")
"""What names a machine; the first one that is written counts."""


def runs_on_of(written: Json) -> Tree:
    """The mapping form of a runs-on; absent means a container on the shared pool."""
    if isinstance(written, dict):
        return written
    return {"pool-name": text(written) or DOCKER}


def is_agentless(runs_on: Tree) -> bool:
    """Whether the job has no machine."""
    return runs_on.get("pool-name") == AGENTLESS


def is_docker(runs_on: Tree) -> bool:
    """Whether the job runs in a container of the shared pool, whatever self-hosted says."""
    return runs_on.get("pool-name") == DOCKER or not any(text(runs_on.get(key)) for key in PLACES)


def default_shell(runs_on: Tree) -> str:
    """The shell of a script that names none (8)."""
    selector = texts(runs_on.get("agent-selector"))
    if not selector:
        return "auto"
    return "cmd" if selector[0] == "windows" else "bash"


def machine(runs_on: Tree) -> Tree:
    """The fields of a vmBuild container that say where it runs."""
    found: Tree = {
        "baseOS": "LINUX" if is_docker(runs_on) else _system(runs_on),
        "dispatchType": _docker(runs_on) if is_docker(runs_on) else _self_hosted(runs_on),
    }
    tools = mapping(runs_on.get("needs"))
    if tools and not flag(runs_on.get("self-hosted")):
        found["buildEnv"] = {pair["key"]: pair["value"] for pair in pairs(tools)}
    return found


def split_image(image: str) -> tuple[str, str]:
    """Name and tag: the tag follows the last colon after the last slash, placeholders looked over."""
    hidden = hide_placeholders(image)
    colon = hidden.rfind(":", hidden.rfind("/") + 1)
    return (image, "") if colon < 0 else (image[:colon], image[colon + 1 :])


def _system(runs_on: Tree) -> str:
    pool = text(runs_on.get("pool-name"))
    if pool in SYSTEMS:
        return SYSTEMS[pool]
    selector = texts(runs_on.get("agent-selector"))
    return SYSTEMS.get(selector[0], "LINUX") if selector else ANY_SYSTEM


def _docker(runs_on: Tree) -> Tree:
    box = mapping(runs_on.get("container"))
    found: Tree = {"buildType": "DOCKER"}
    if text(box.get("image")):
        found["value"], tag = split_image(text(box["image"]))
        found |= {"imageVersion": tag} if tag else {}
        found["imageType"] = "THIRD"
    if text(box.get("image-code")):
        found |= {"imageType": "BKSTORE", "imageCode": text(box["image-code"])}
    if text(box.get("image-version")):
        found["imageVersion"] = text(box["image-version"])
    credential = box.get("credentials")
    if isinstance(credential, dict):
        found["credential"] = _account(credential)
    elif text(credential):
        found["credentialId"] = text(credential)
    found |= _container_options(box)
    if text(runs_on.get("hw-spec")):
        found["performanceConfigId"] = text(runs_on["hw-spec"])
    return found | _workspace(runs_on)


def _self_hosted(runs_on: Tree) -> Tree:
    place = next(key for key in PLACES if text(runs_on.get(key)))
    found: Tree = {
        "buildType": "THIRD_PARTY_AGENT_ENV" if place == "pool-name" else "THIRD_PARTY_AGENT_ID",
        "value": text(runs_on[place]),
        "agentType": "REUSE_JOB_ID" if place == "lock-resource-with" else "NAME",
        **_workspace(runs_on),
    }
    box = mapping(runs_on.get("container"))
    if box:
        found["dockerInfo"] = _docker_info(box)
    return found


def _docker_info(box: Tree) -> Tree:
    """The container on a self-hosted machine."""
    found: Tree = {"image": text(box.get("image")), "imageType": "THIRD"}
    if text(box.get("image-code")):
        found |= {"imageType": "BKSTORE", "imageCode": text(box["image-code"])}
    if text(box.get("image-version")):
        found["imageVersion"] = text(box["image-version"])
    credential = box.get("credentials")
    if isinstance(credential, dict):
        found["credential"] = _account(credential)
    elif text(credential):
        found["credential"] = {"credentialId": text(credential)}
    return found | _container_options(box)


def _account(credential: Tree) -> Tree:
    return {"user": text(credential.get("username")), "password": text(credential.get("password"))}


def _container_options(box: Tree) -> Tree:
    found: Tree = {}
    if mapping(box.get("options")):
        found["options"] = box["options"]
    if text(box.get("image-pull-policy")):
        found["imagePullPolicy"] = text(box["image-pull-policy"])
    return found


def _workspace(runs_on: Tree) -> Tree:
    return {"workspace": text(runs_on["workspace"])} if text(runs_on.get("workspace")) else {}
