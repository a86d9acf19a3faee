"""The elements of a job: options, plugins of the market, and the types with fields of their own (bkci-v3 5.10, 5.11).

How to read the tables stands in `wire`.
"""

from ferryman.definition.model.wire.common import CONDITION_FIELDS, PAIR, REVIEW_PARAMETER, TEXTS, TIMES
from ferryman.definition.model.wire.shapes import (
    ANY,
    FLAG,
    TEXT,
    WHOLE,
    Field,
    Fields,
    Listing,
    Names,
    Record,
    Shape,
    Variant,
    Word,
    made,
    must,
    record,
)
from ferryman.definition.model.wire.words import (
    CALL_TYPES,
    CHARSETS,
    CUSTOM_WORDS,
    MARKET,
    MARKET_AGENTLESS,
    SCRIPT_TYPES,
    STEP_CONDITIONS,
)

# 5.11

POST_ACTION = record(
    "a post-action",
    {"postEntryParam": TEXT, "postCondition": TEXT, "parentElementId": TEXT, "parentElementName": TEXT},
    {"parentElementJobIndex": WHOLE},
)

STEP_CONTROL = record(
    "the options of an element",
    {"enable": FLAG, "runCondition": Word((*STEP_CONDITIONS, *CUSTOM_WORDS))},
    CONDITION_FIELDS,
    {
        "continueWhenFailed": FLAG,
        "manualSkip": FLAG,
        "retryWhenFailed": FLAG,
        "retryCount": WHOLE,
        "manualRetry": FLAG,
        "timeout": WHOLE,
        "timeoutVar": TEXT,
        "pauseBeforeExec": FLAG,
        "subscriptionPauseUser": TEXT,
        "otherTask": TEXT,
        "elementPostInfo": POST_ACTION,
        "enableCustomEnv": FLAG,
        "customEnv": Listing(PAIR),
    },
)

# 5.10

ELEMENT_STATE: Fields = {
    "classType": made(TEXT),
    "taskAtom": made(TEXT),
    "elementEnable": made(FLAG),
    "status": made(TEXT),
    "executeCount": made(WHOLE),
    "canRetry": made(FLAG),
    "canSkip": made(FLAG),
    "elapsed": made(WHOLE),
    "startEpoch": made(WHOLE),
    "errorType": made(TEXT),
    "errorCode": made(WHOLE),
    "errorMsg": made(TEXT),
    "templateModify": made(FLAG),
    "retryCount": made(WHOLE),
    "retryCountManual": made(WHOLE),
    "retryCountAuto": made(WHOLE),
    "originVersion": made(TEXT),
    "atomName": made(TEXT),
    "classifyCode": made(TEXT),
    "classifyName": made(TEXT),
    "progressRate": made(ANY),
    "asyncStatus": made(TEXT),
    "subPipelineBuildInfo": made(ANY),
    "externalLink": made(TEXT),
    **TIMES,
}
"""What a run leaves in an element, and what the server works out from the rest of it."""

ELEMENT_FIELDS: Fields = {
    "@type": must(TEXT),
    "name": TEXT,
    "id": TEXT,
    "version": TEXT,
    "stepId": TEXT,
    "additionalOptions": STEP_CONTROL,
    "customEnv": Listing(PAIR),
    **ELEMENT_STATE,
}


def element(what: str, **fields: Shape | Field) -> Record:
    """An element with fields of its own; outside the market the plugin code is the type, so it is not asked for."""
    return record(what, ELEMENT_FIELDS, {"atomCode": made(TEXT)}, fields)


MARKET_CONTENT = record(
    "the content of a plugin", {"input": Names(ANY), "output": Names(ANY), "namespace": TEXT}
)
MARKET_FIELDS: Fields = {"atomCode": must(TEXT), "data": MARKET_CONTENT}
QUALITY_GATE: Fields = {"interceptTask": TEXT, "interceptTaskId": TEXT, "interceptTaskName": TEXT}

ELEMENT_RECORDS: dict[str, Record] = {
    MARKET: record("a plugin", ELEMENT_FIELDS, MARKET_FIELDS),
    MARKET_AGENTLESS: record("a plugin", ELEMENT_FIELDS, MARKET_FIELDS),
    "linuxScript": element(
        "a script",
        scriptType=must(Word(SCRIPT_TYPES)),
        script=must(TEXT),
        continueNoneZero=FLAG,
        enableArchiveFile=FLAG,
        archiveFile=TEXT,
        errorFAQUrl=TEXT,
    ),
    "windowsScript": element(
        "a script", scriptType=must(Word(SCRIPT_TYPES)), script=must(TEXT), charsetType=Word(CHARSETS)
    ),
    "manualReviewUserTask": element(
        "a review",
        reviewUsers=must(Listing(TEXT, single=True)),
        desc=TEXT,
        suggest=TEXT,
        params=Listing(REVIEW_PARAMETER),
        namespace=TEXT,
        notifyType=TEXTS,
        notifyTitle=TEXT,
        notifyGroup=TEXTS,
        markdownContent=FLAG,
        reminderTime=WHOLE,
        suggestRequired=FLAG,
        actualReviewUsers=made(TEXTS),
    ),
    "subPipelineCall": element(
        "a call of a pipeline",
        subPipelineId=TEXT,
        asynchronous=must(FLAG),
        subPipelineType=Word(CALL_TYPES),
        subPipelineName=TEXT,
        parameters=Names(TEXT),
    ),
    "qualityGateInTask": element("a quality gate", **QUALITY_GATE, reviewUsers=TEXTS),
    "qualityGateOutTask": element("a quality gate", **QUALITY_GATE, reviewUsers=TEXTS),
    "manualTrigger": element("a trigger", canElementSkip=FLAG, useLatestParameters=FLAG, buildMsg=TEXT),
    "timerTrigger": element(
        "a trigger",
        expression=TEXT,
        newExpression=TEXTS,
        advanceExpression=TEXTS,
        noScm=FLAG,
        branches=TEXTS,
        repoHashId=TEXT,
        repoName=TEXT,
        startParams=TEXT,
    ),
    "remoteTrigger": element("a trigger", remoteToken=TEXT, canElementSkip=FLAG),
    "marketEvent": record("a trigger", ELEMENT_FIELDS, MARKET_FIELDS),
}
"""Elements with fields of their own; an unknown type is not an error (bkci-v3 11)."""

ELEMENT = Variant(
    "an element", "@type", ELEMENT_RECORDS, others=record("an element", ELEMENT_FIELDS, {"atomCode": TEXT})
)
