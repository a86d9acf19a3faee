"""Containers: jobs and the trigger, where they run and how they are split and locked (bkci-v3 5.7 to 5.9).

How to read the tables stands in `wire`.
"""

from ferryman.definition.model.wire.common import (
    BUILD_NUMBER,
    CONDITION_FIELDS,
    OBJECT,
    PAIR,
    PARAMETER,
    TEXTS,
    TIMES,
)
from ferryman.definition.model.wire.elements import ELEMENT
from ferryman.definition.model.wire.shapes import (
    ANY,
    FLAG,
    TEXT,
    WHOLE,
    Fields,
    Listing,
    Names,
    Variant,
    Word,
    made,
    must,
    record,
)
from ferryman.definition.model.wire.words import (
    AGENT_TYPES,
    AGENTLESS,
    CUSTOM_WORDS,
    DEPEND_ON_TYPES,
    IMAGE_TYPES,
    JOB_CONDITIONS,
    MACHINE,
    SYSTEMS,
    TRIGGER,
)

# 5.8, 5.9

JOB_CONTROL = record(
    "the options of a job",
    {"enable": FLAG, "runCondition": Word((*JOB_CONDITIONS, *CUSTOM_WORDS))},
    CONDITION_FIELDS,
    {
        "timeout": WHOLE,
        "timeoutVar": TEXT,
        "prepareTimeout": WHOLE,
        "continueWhenFailed": FLAG,
        "dependOnType": Word(DEPEND_ON_TYPES),
        "dependOnId": TEXTS,
        "dependOnName": TEXT,
        "dependOnContainerId2JobIds": made(ANY),
        "singleNodeConcurrency": WHOLE,
        "allNodeConcurrency": WHOLE,
    },
)

MUTEX = record(
    "a mutex group",
    {
        "enable": must(FLAG),
        "mutexGroupName": TEXT,
        "queueEnable": must(FLAG),
        "timeout": WHOLE,
        "timeoutVar": TEXT,
        "queue": WHOLE,
        "runtimeMutexGroup": made(ANY),
        "linkTip": made(ANY),
    },
)

MATRIX = record(
    "a matrix",
    {
        "strategyStr": TEXT,
        "includeCaseStr": TEXT,
        "excludeCaseStr": TEXT,
        "fastKill": FLAG,
        "maxConcurrency": WHOLE,
        "customDispatchInfo": OBJECT,
        "totalCount": made(WHOLE),
        "finishCount": made(WHOLE),
    },
)

# 5.7

IMAGE: Fields = {
    "value": TEXT,
    "imageType": Word(IMAGE_TYPES),
    "credentialId": TEXT,
    "credentialProject": TEXT,
    "imageCode": TEXT,
    "imageVersion": TEXT,
    "imageName": TEXT,
    "performanceConfigId": ANY,
}
AGENT: Fields = {
    "value": TEXT,
    "agentType": Word(AGENT_TYPES),
    "workspace": TEXT,
    "envProjectId": TEXT,
    "dockerInfo": record("a container", {"image": TEXT}),
}
BUILD_TYPE: Fields = {"buildType": must(TEXT)}
CONTAINER_IMAGE = record("a container", BUILD_TYPE, IMAGE)
AGENT_MACHINE = record("a machine", BUILD_TYPE, AGENT)
DISPATCH = Variant(
    "a place to run",
    "buildType",
    {
        "DOCKER": CONTAINER_IMAGE,
        "KUBERNETES": CONTAINER_IMAGE,
        "THIRD_PARTY_AGENT_ID": AGENT_MACHINE,
        "THIRD_PARTY_AGENT_ENV": AGENT_MACHINE,
    },
    others=record("a place to run", BUILD_TYPE),
)
IMAGE_BUILD_TYPES = ("DOCKER", "KUBERNETES")
POOL_BUILD_TYPE = "THIRD_PARTY_AGENT_ENV"
NODE_BUILD_TYPE = "THIRD_PARTY_AGENT_ID"

CONTAINER_FIELDS: Fields = {
    "@type": must(TEXT),
    "id": TEXT,
    "containerId": TEXT,
    "name": TEXT,
    "elements": must(Listing(ELEMENT)),
    "jobId": TEXT,
    "containerHashId": TEXT,
    "matrixGroupFlag": FLAG,
    "classType": made(TEXT),
    "status": made(TEXT),
    "startEpoch": made(WHOLE),
    "systemElapsed": made(WHOLE),
    "elementElapsed": made(WHOLE),
    "canRetry": made(FLAG),
    "startVMStatus": made(TEXT),
    "executeCount": made(WHOLE),
    "containPostTaskFlag": made(FLAG),
    "startVMTaskSeq": made(WHOLE),
    **TIMES,
}
JOB_FIELDS: Fields = {
    "jobControlOption": JOB_CONTROL,
    "mutexGroup": MUTEX,
    "matrixControlOption": MATRIX,
    "matrixGroupId": made(TEXT),
    "matrixContext": made(ANY),
    "groupContainers": made(ANY),
    "maxQueueMinutes": WHOLE,
    "maxRunningMinutes": WHOLE,
    "customEnv": Listing(PAIR),
}
CONTAINER = Variant(
    "a job",
    "@type",
    {
        TRIGGER: record(
            "the trigger",
            CONTAINER_FIELDS,
            {"params": Listing(PARAMETER), "templateParams": Listing(PARAMETER), "buildNo": BUILD_NUMBER},
        ),
        MACHINE: record(
            "a job",
            CONTAINER_FIELDS,
            JOB_FIELDS,
            {
                "baseOS": Word(tuple(SYSTEMS)),
                "vmNames": TEXTS,
                "buildEnv": Names(TEXT),
                "customBuildEnv": Names(TEXT),
                "thirdPartyAgentId": TEXT,
                "thirdPartyAgentEnvId": TEXT,
                "thirdPartyWorkspace": TEXT,
                "dockerBuildVersion": TEXT,
                "tstackAgentId": TEXT,
                "dispatchType": DISPATCH,
                "showBuildResource": FLAG,
                "enableExternal": FLAG,
                "nfsSwitch": FLAG,
            },
        ),
        AGENTLESS: record(
            "a job", CONTAINER_FIELDS, JOB_FIELDS, {"enableSkip": FLAG, "conditions": Listing(PAIR)}
        ),
        "jobTemplate": record("a job of a template", CONTAINER_FIELDS, JOB_FIELDS),
    },
)
