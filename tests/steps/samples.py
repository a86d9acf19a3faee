"""Settings that are right and settings that are wrong, for every kind: read by several tests."""

from hypothesis import strategies as st

from ferryman.steps import KINDS
from ferryman.steps.inputs import inputs

GOOD: dict[str, list[dict[str, object]]] = {
    "ferrymanNothing": [{}],
    "run": [
        {"script": "make"},
        {"script": "make", "shell": "python", "charsetType": "GBK", "anything": {"else": [1]}},
        {"script": 1},
    ],
    "checkout": [
        {"repository": "self"},
        {"repo-id": "abc", "fetchDepth": "1", "includePath": "src"},
        {"repo-name": "shop", "pullType": "TAG", "refName": "v1", "enableSubmodule": "false"},
    ],
    "linuxScript": [
        {"script": "make"},
        {"script": "make", "continueNoneZero": True, "enableArchiveFile": "true", "archiveFile": "*.log"},
        {"script": "print()", "scriptType": "PYTHON3", "errorFAQUrl": "https://faq.example.com"},
    ],
    "windowsScript": [
        {"script": "dir"},
        {"script": "dir", "scriptType": "POWER_SHELL", "charsetType": "UTF_8"},
    ],
    "manualReviewUserTask": [
        {"reviewUsers": ["alice"]},
        {"reviewUsers": "alice,bob", "suggestRequired": "TRUE", "reminderTime": 2, "notifyType": ["email"]},
        {
            "reviewUsers": ["alice"],
            "params": [
                {"key": "A", "value": [1], "valueType": "ENUM", "options": [{"key": "a", "value": "An a"}]},
                {"key": "B", "value": {"b": 1}},
            ],
        },
    ],
    "subPipelineCall": [
        {"subPipelineId": "p-1"},
        {"subPipelineType": "NAME", "subPipelineName": "shop", "asynchronous": True, "parameters": {"a": 1}},
    ],
    "ferrymanDeploy": [
        {"artifact": "shop"},
        {"image": "shop:1", "environment": "staging", "strategy": "canary", "canary-percent": 10},
        {"artifact": "shop", "version": 1.2, "batches": "3", "variables": {"a": 1, "b": True}},
        {"artifact": "shop", "health-check": {"url": "https://a.example.com", "timeout-seconds": "5"}},
        {"artifact": "shop", "image": None, "rollback-on-failure": "True"},
    ],
    "ferrymanRollback": [{}, {"environment": "staging", "application": "shop", "to": 12}],
    "ferrymanPromote": [{"from": "staging", "to": "production"}, {"from": "a", "to": "b", "component": "c"}],
    "ferrymanUploadArtifact": [
        {"name": "shop", "path": "dist/*.tgz"},
        {"name": "shop", "path": ["a", "b"], "keep-days": 30},
    ],
    "ferrymanDownloadArtifact": [
        {"name": "shop"},
        {"name": "shop", "version": "1"},
        {"name": "shop", "build": 12, "pipeline": "p", "path": "in"},
    ],
    "ferrymanHttp": [
        {"url": "http://a.example.com"},
        {"url": "https://a.example.com", "method": "POST", "body": {"a": [1, None]}, "headers": {"X": "1"}},
        {"url": "https://a.example.com", "body": [1], "expect-status": "204", "retry": 5},
        {"url": "https://a.example.com", "body": "text", "expect-text": "ok"},
    ],
    "ferrymanWait": [
        {"seconds": 0},
        {"seconds": "1.5"},
        {"until": "variables.ready == 'yes'"},
        {"until": True},
    ],
    "ferrymanNotify": [
        {"type": "email", "receivers": ["alice"], "content": "done"},
        {"type": "sms", "receivers": "alice,bob", "content": 1},
    ],
}

Fault = tuple[str, str]
"""The path of a fault, and words its message holds."""

BAD: list[tuple[str, str, dict[str, object], list[Fault]]] = [
    ("a script is needed", "run", {"shell": "bash"}, [("script", "is missing")]),
    ("a null is no script", "run", {"script": None}, [("script", "is missing")]),
    ("a script is not empty", "run", {"script": ""}, [("script", "must not be empty")]),
    ("a shell is one of eight", "run", {"script": "a", "shell": "zsh"}, [("shell", "one of auto, bash")]),
    ("no repository", "checkout", {}, [("", "repository or repo-id or repo-name is required")]),
    (
        "two repositories",
        "checkout",
        {"repository": "self", "repo-name": "a"},
        [("repo-name", "repository and repo-name exclude each other")],
    ),
    (
        "depth is no word",
        "checkout",
        {"repository": "self", "fetchDepth": "all"},
        [("fetchDepth", "whole number")],
    ),
    ("a script kind is closed", "linuxScript", {"script": "a", "shell": "sh"}, [("shell", "unknown input")]),
    ("a wrong charset", "windowsScript", {"script": "a", "charsetType": "BIG5"}, [("charsetType", "GBK")]),
    ("nobody to ask", "manualReviewUserTask", {"reviewUsers": []}, [("reviewUsers", "empty list")]),
    (
        "faults deep in a list",
        "manualReviewUserTask",
        {"reviewUsers": ["a", ""], "params": [{"key": "A"}, {"valueType": "NUMBER", "requierd": True}]},
        [
            ("reviewUsers[1]", "must not be empty"),
            ("params[1].requierd", "unknown input"),
            ("params[1].key", "is missing"),
            ("params[1].valueType", "must be one of"),
        ],
    ),
    ("no pipeline", "subPipelineCall", {}, [("", "subPipelineId or subPipelineName is required")]),
    (
        "start values are a mapping",
        "subPipelineCall",
        {"subPipelineId": "p", "parameters": ["a=1"]},
        [("parameters", "must be a mapping of names to text, not a list")],
    ),
    ("nothing to deploy", "ferrymanDeploy", {}, [("", "artifact or image is required")]),
    (
        "two things to deploy",
        "ferrymanDeploy",
        {"artifact": "a", "image": "b"},
        [("image", "exclude each other")],
    ),
    (
        "a batch too many",
        "ferrymanDeploy",
        {"artifact": "a", "batches": 101},
        [("batches", "from 1 to 100, not 101")],
    ),
    (
        "a share of nothing",
        "ferrymanDeploy",
        {"image": "a", "canary-percent": 0},
        [("canary-percent", "not 0")],
    ),
    (
        "a check without address",
        "ferrymanDeploy",
        {"artifact": "a", "health-check": {"timeout-seconds": 5}},
        [("health-check.url", 'required input "url" is missing')],
    ),
    (
        "a check that is text",
        "ferrymanDeploy",
        {"artifact": "a", "health-check": "https://a.example.com"},
        [("health-check", "must be a mapping with url, timeout-seconds, not")],
    ),
    (
        "a mapping with nothing behind it (2)",
        "ferrymanDeploy",
        {"artifact": "a", "variables": None, "health-check": None},
        [("health-check", "not empty"), ("variables", "not empty")],
    ),
    (
        "maybe is no truth",
        "ferrymanDeploy",
        {"artifact": "a", "rollback-on-failure": "maybe"},
        [("rollback-on-failure", "true or false")],
    ),
    (
        "one is no truth",
        "ferrymanDeploy",
        {"artifact": "a", "rollback-on-failure": 1},
        [("rollback-on-failure", "true or false")],
    ),
    ("a list is no text", "ferrymanRollback", {"to": [1]}, [("to", "must be text, not a list")]),
    ("neither end", "ferrymanPromote", {}, [("from", "is missing"), ("to", "is missing")]),
    ("no files", "ferrymanUploadArtifact", {"name": "a", "path": []}, [("path", "empty list")]),
    (
        "a mapping is no path",
        "ferrymanUploadArtifact",
        {"name": "a", "path": {}},
        [("path", "text or a list of text, not a mapping")],
    ),
    (
        "half a day",
        "ferrymanUploadArtifact",
        {"name": "a", "path": "b", "keep-days": 0.5},
        [("keep-days", "whole number")],
    ),
    (
        "version and build",
        "ferrymanDownloadArtifact",
        {"name": "a", "version": "1", "build": 2},
        [("build", "version and build exclude each other")],
    ),
    ("another protocol", "ferrymanHttp", {"url": "ftp://a.example.com"}, [("url", "starts with http://")]),
    (
        "method in small letters",
        "ferrymanHttp",
        {"url": "http://a", "method": "post"},
        [("method", "must be one of")],
    ),
    (
        "a header is text",
        "ferrymanHttp",
        {"url": "http://a", "headers": {"X": ["1"]}},
        [("headers.X", "must be text")],
    ),
    (
        "no such status",
        "ferrymanHttp",
        {"url": "http://a", "expect-status": 600},
        [("expect-status", "100 to 599")],
    ),
    ("nothing to wait for", "ferrymanWait", {}, [("", "seconds or until is required")]),
    (
        "two things to wait for",
        "ferrymanWait",
        {"seconds": 1, "until": "a"},
        [("until", "exclude each other")],
    ),
    ("back in time", "ferrymanWait", {"seconds": -1}, [("seconds", "from 0 to 604800, not -1")]),
    ("no number at all", "ferrymanWait", {"seconds": float("nan")}, [("seconds", "must be a number")]),
    ("truth is no number", "ferrymanWait", {"seconds": True}, [("seconds", "must be a number")]),
    (
        "a way nobody has",
        "ferrymanNotify",
        {"type": "fax", "receivers": "a", "content": "b"},
        [("type", "must be one of")],
    ),
    ("nothing has no settings", "ferrymanNothing", {"seconds": 1}, [("seconds", "unknown input")]),
    (
        "nobody is told nothing",
        "ferrymanNotify",
        {"type": "sms"},
        [("receivers", "is missing"), ("content", "is missing")],
    ),
]

ALL_GOOD = [(name, settings) for name, several in GOOD.items() for settings in several]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("${{ variables.a }}"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)

NAMES = [kind.name for kind in KINDS]

WORDS = sorted({one.name for kind in KINDS for one in inputs(kind.settings)} | {"timeout-seconds", "key"})
