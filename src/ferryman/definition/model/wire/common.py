"""What several parts of the model are made of: pairs, parameters, gates (bkci-v3 5.4 to 5.6, 5.13).

How to read the tables stands in `wire`.
"""

from ferryman.definition.model.wire.shapes import (
    ANY,
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
from ferryman.definition.model.wire.words import BUILD_NUMBER_TYPES, PARAMETER_TYPES, REVIEW_VALUE_TYPES

TEXTS = Listing(TEXT)
OBJECT = record("an object")
TIMES: Fields = {"timeCost": made(OBJECT)}

PAIR = record("an entry", {"key": TEXT, "value": TEXT})
OPTION = record("an option", {"key": TEXT, "value": TEXT})

# 5.13

FORM_FIELD = record("a field of a form", {"id": must(TEXT), "name": TEXT, "type": Word(PARAMETER_TYPES)})

PARAMETER = record(
    "a parameter",
    {
        "id": must(TEXT),
        "name": TEXT,
        "required": must(FLAG),
        "type": must(Word(PARAMETER_TYPES)),
        "defaultValue": must(ANY),
        "value": ANY,
        "options": Listing(OPTION),
        "desc": TEXT,
        "readOnly": FLAG,
        "constant": FLAG,
        "valueNotEmpty": FLAG,
        "category": TEXT,
        "displayCondition": Names(TEXT),
        "sensitive": FLAG,
        "label": TEXT,
        "placeholder": TEXT,
        "propertyType": TEXT,
        "repoHashId": TEXT,
        "relativePath": TEXT,
        "scmType": TEXT,
        "containerType": record("a kind of container", {"buildType": TEXT, "os": TEXT}),
        "glob": TEXT,
        "properties": Names(TEXT),
        "searchUrl": TEXT,
        "replaceKey": TEXT,
        "enableVersionControl": FLAG,
        "asInstanceInput": FLAG,
        "fields": Listing(FORM_FIELD),
    },
)

BUILD_NUMBER = record(
    "a build number",
    {"buildNo": must(WHOLE), "buildNoType": must(Word(BUILD_NUMBER_TYPES)), "required": FLAG},
    {"currentBuildNo": WHOLE, "asInstanceInput": FLAG},
)

# 5.3 to 5.6

REVIEW_PARAMETER = record(
    "a review parameter",
    {
        "key": must(TEXT),
        "value": ANY,
        "valueType": Word(REVIEW_VALUE_TYPES),
        "required": FLAG,
        "desc": TEXT,
        "options": Listing(OPTION),
        "chineseName": TEXT,
        "variableOption": TEXT,
    },
)

REVIEW_GROUP = record(
    "a review group",
    {"id": TEXT, "name": TEXT, "reviewers": TEXTS, "groups": TEXTS},
    {
        "status": made(TEXT),
        "operator": made(TEXT),
        "reviewTime": made(WHOLE),
        "suggest": made(TEXT),
        "params": made(Listing(REVIEW_PARAMETER)),
    },
)

CHECK = record(
    "a gate",
    {
        "manualTrigger": FLAG,
        "status": made(TEXT),
        "reviewDesc": TEXT,
        "reviewGroups": Listing(REVIEW_GROUP),
        "reviewParams": Listing(REVIEW_PARAMETER),
        "timeout": WHOLE,
        "ruleIds": TEXTS,
        "checkTimes": made(WHOLE),
        "markdownContent": FLAG,
        "notifyType": TEXTS,
        "notifyGroup": TEXTS,
    },
)

CONDITION_FIELDS: Fields = {"customVariables": Listing(PAIR), "customCondition": TEXT}
