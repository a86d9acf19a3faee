"""`ferryman projects|people|roles|keys|policies`: who may do what, from the command line."""

import re

from tests.cli.workshop import Workshop

PASSWORD = "a long enough password"


def _furnished(workshop: Workshop) -> None:
    assert workshop.ran("projects", "create", "demo", "--number", "10000").returncode == 0
    assert workshop.ran("people", "create", "ann", "--user-id", "7").returncode == 0


def test_projects_and_people_are_made_listed_and_disabled(workshop: Workshop) -> None:
    _furnished(workshop)
    (project,) = workshop.json("projects", "list")
    assert (project["name"], project["number"], len(project["id"])) == ("demo", 10000, 32)
    assert workshop.ran("projects", "create", "demo").returncode == 5
    assert workshop.ran("projects", "disable", "demo").stdout == "demo is disabled\n"
    assert "disabled" in workshop.ran("projects", "list").stdout
    assert workshop.ran("projects", "disable", "demo", "--undo").stdout == "demo is enabled\n"
    assert workshop.ran("people", "disable", "ann").returncode == 0
    (person,) = workshop.json("people", "list")
    assert (person["name"], person["user_id"], person["disabled"]) == ("ann", "7", True)
    told = workshop.ran("people", "why", "ann", "ferryman:GetRun", "--project", "demo")
    assert told.stdout == "no: ann is disabled\n"


def test_roles_and_policies_say_what_somebody_may(workshop: Workshop) -> None:
    """API-9: and why not."""
    _furnished(workshop)
    granted = workshop.ran("roles", "grant", "ann", "developer", "--project", "demo", "--reason", "new here")
    assert granted.stdout == "ann is developer\n"
    (member,) = workshop.json("roles", "list", "--project", "demo")
    assert member == {"name": "ann", "role": "developer", "environments": {}}
    why = ("people", "why", "ann", "ferryman:WriteSecret", "--project", "demo")
    assert workshop.ran(*why).stdout == "no: role developer does not allow it; only admin may\n"
    document = '{"Version":"5.0","Statement":[{"Effect":"Allow","Action":"x","Condition":{"Zz":{"k":"v"}}}]}'
    kept = workshop.ran("policies", "set", "limits", "-", text=document)
    assert (kept.stdout, "operator Zz is not known" in kept.stderr) == ("limits is kept\n", True)
    assert workshop.ran("policies", "show", "limits").stdout.strip() == document
    assert workshop.ran("policies", "set", "limits", "-", text="{}").returncode != 0
    assert workshop.ran("policies", "attach", "ann", "limits").stdout == "ann has limits\n"
    verdict = workshop.json("people", "why", "ann", "ferryman:GetRun", "--project", "demo")
    assert (verdict["allowed"], verdict["ground"]) == (False, "implicit-deny")
    in_use = workshop.ran("policies", "remove", "limits")
    assert (in_use.returncode, "take it from them first" in in_use.stderr) == (5, True)
    assert workshop.ran("policies", "attach", "ann").stdout == "ann has no policy\n"
    assert workshop.ran("policies", "remove", "limits").returncode == 0
    assert workshop.ran("roles", "revoke", "ann", "--project", "demo").returncode == 0
    assert workshop.json("roles", "list", "--project", "demo") == []


def test_the_audit_tells_who_did_what_and_why(workshop: Workshop) -> None:
    """PAGE-19, API-9: newest first, filtered, as a table and as JSON."""
    _furnished(workshop)
    granted = workshop.ran("roles", "grant", "ann", "developer", "--project", "demo", "--reason", "new here")
    assert granted.returncode == 0
    (entry,) = workshop.json("audit", "--project", "demo", "--action", "ferryman:ManageAccess")
    assert (entry["reason"], entry["subject"], entry["project"]) == ("new here", "principal/ann", "demo")
    everything = workshop.json("audit", "--all-projects", "--since", "1h")
    assert everything[0] == entry
    assert {one["project"] for one in everything} >= {"", "demo"}
    assert workshop.json("audit", "--all-projects", "--limit", "1") == [entry]
    assert workshop.json("audit", "--project", "demo", "--by", "somebody-else") == []
    head, row = workshop.ran(
        "audit", "--project", "demo", "--action", "ferryman:ManageAccess"
    ).stdout.splitlines()
    assert head.split() == ["WHEN", "WHO", "PROJECT", "DID", "ABOUT", "WHY"]
    assert "new here" in row
    # What the table shows can be asked for.
    assert workshop.json("audit", "--project", "demo", "--action", row.split()[4]) == [entry]
    assert workshop.ran("audit", "--since", "soon").returncode == 2


def test_a_secret_is_shown_once_and_lies_nowhere(workshop: Workshop) -> None:
    """API-8, CLI-15, SEC-1."""
    _furnished(workshop)
    told = workshop.ran("keys", "make", "ann")
    found = re.fullmatch(r"id +(FK\w+)\nsecret +(\w{40})\n", told.stdout)
    assert found is not None
    key, secret = found.groups()
    token = workshop.json("keys", "make-token", "ann", "--name", "ci", "--days", "2", "--scope", "*:Get*")
    assert token["text"].startswith("fm_")
    password = workshop.ran("people", "password", "ann", "--from-file", "-", text=f"{PASSWORD}\n")
    assert password.returncode == 0
    (listed,) = workshop.json("keys", "tokens", "--owner", "ann")
    assert (listed["id"], listed["name"], listed["scopes"]) == (token["id"], "ci", ["*:Get*"])
    assert [one["id"] for one in workshop.json("keys", "list")] == [key]
    shown = [workshop.ran("keys", word).stdout for word in ("list", "tokens")]
    hidden = (secret, token["text"], PASSWORD)
    assert not [text for text in hidden for screen in shown if text in screen]
    for path in (workshop.folder / ".ferryman").rglob("*"):
        assert not path.is_file() or not any(text.encode() in path.read_bytes() for text in hidden), path
    assert workshop.ran("keys", "revoke-token", token["id"]).returncode == 0
    assert "revoked" in workshop.ran("keys", "tokens").stdout
    assert workshop.ran("keys", "disable", key).stdout == f"{key} is disabled\n"
    assert workshop.ran("keys", "remove", key).stdout == f"{key} is removed\n"
    assert workshop.ran("keys", "remove", key).returncode == 3
