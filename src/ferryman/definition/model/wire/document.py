"""BK-CI's model and setting as they go over the wire: every documented field with its form (bkci-v3 5).

Read by the checks, which tell what does not fit, and by `normal`, which drops what only the server fills in. Fields
that are not here are a client's own: they are kept as they came.

    wire_common     pairs, parameters, gates
    wire_elements   steps
    wire_jobs       jobs and the trigger
    here            stages, the model, the setting
"""

from ferryman.definition.model.wire.common import (
    CHECK,
    CONDITION_FIELDS,
    OBJECT,
    REVIEW_PARAMETER,
    TEXTS,
    TIMES,
)
from ferryman.definition.model.wire.jobs import CONTAINER
from ferryman.definition.model.wire.shapes import (
    FLAG,
    TEXT,
    WHOLE,
    Fields,
    Listing,
    Names,
    Word,
    made,
    must,
    record,
)
from ferryman.definition.model.wire.words import (
    CANCEL_POLICIES,
    CUSTOM_WORDS,
    DIALECTS,
    LOCK_WORDS,
    NOTICE_TYPES,
    STAGE_CONDITIONS,
)

FORMER_REVIEW: Fields = {
    "manualTrigger": FLAG,
    "triggerUsers": TEXTS,
    "triggered": FLAG,
    "timeout": WHOLE,
    "reviewParams": Listing(REVIEW_PARAMETER),
    "reviewDesc": TEXT,
}
"""The old form of a review, in the options of its stage; it becomes a checkIn on save."""

STAGE_CONTROL = record(
    "the options of a stage",
    {"enable": FLAG, "runCondition": Word((*STAGE_CONDITIONS, *CUSTOM_WORDS))},
    CONDITION_FIELDS,
    FORMER_REVIEW,
)

# 5.2, 5.1

STAGE = record(
    "a stage",
    {
        "id": TEXT,
        "name": TEXT,
        "containers": must(Listing(CONTAINER)),
        "stageControlOption": STAGE_CONTROL,
        "checkIn": CHECK,
        "checkOut": CHECK,
        "customBuildEnv": Names(TEXT),
        "fastKill": FLAG,
        "finally": FLAG,
        "canRetry": made(FLAG),
        "tag": TEXTS,
        "status": made(TEXT),
        "startEpoch": made(WHOLE),
        "elapsed": made(WHOLE),
        "stageIdForUser": TEXT,
        "executeCount": made(WHOLE),
        "template": OBJECT,
    },
    TIMES,
)

MODEL = record(
    "a model",
    {
        "name": must(TEXT),
        "desc": TEXT,
        "stages": must(Listing(STAGE)),
        "labels": TEXTS,
        "instanceFromTemplate": FLAG,
        "pipelineCreator": TEXT,
        "srcTemplateId": TEXT,
        "templateId": TEXT,
        "tips": TEXT,
        "latestVersion": WHOLE,
        "projectId": TEXT,
        "pipelineId": TEXT,
        "events": Names(OBJECT),
        "staticViews": TEXTS,
    },
    TIMES,
)

# 5.12

SUBSCRIPTION = record(
    "a notice",
    {
        "types": Listing(Word(NOTICE_TYPES)),
        "groups": TEXTS,
        "users": TEXT,
        "wechatGroupFlag": FLAG,
        "wechatGroup": TEXT,
        "wechatGroupMarkdownFlag": FLAG,
        "detailFlag": FLAG,
        "content": TEXT,
    },
)
SETTING = record(
    "a setting",
    {
        "projectId": TEXT,
        "pipelineId": TEXT,
        "pipelineName": TEXT,
        "version": WHOLE,
        "desc": TEXT,
        "labels": TEXTS,
        "labelNames": TEXTS,
        "buildNumRule": TEXT,
        "successSubscription": SUBSCRIPTION,
        "failSubscription": SUBSCRIPTION,
        "successSubscriptionList": Listing(SUBSCRIPTION),
        "failSubscriptionList": Listing(SUBSCRIPTION),
        "runLockType": Word(LOCK_WORDS),
        "waitQueueTimeMinute": WHOLE,
        "maxQueueSize": WHOLE,
        "concurrencyGroup": TEXT,
        "concurrencyCancelInProgress": FLAG,
        "maxConRunningQueueSize": WHOLE,
        "failIfVariableInvalid": FLAG,
        "buildCancelPolicy": Word(CANCEL_POLICIES),
        "maxPipelineResNum": WHOLE,
        "cleanVariablesWhenRetry": FLAG,
        "pipelineAsCodeSettings": record(
            "the dialect",
            {
                "enable": FLAG,
                "projectDialect": TEXT,
                "inheritedDialect": FLAG,
                "pipelineDialect": Word(DIALECTS),
            },
        ),
        "creator": TEXT,
        "updater": TEXT,
        "createdTime": WHOLE,
        "updateTime": WHOLE,
    },
)

DOCUMENT = record("a pipeline", {"model": must(MODEL), "setting": SETTING})
