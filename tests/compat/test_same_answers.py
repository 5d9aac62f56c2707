"""The same small apps, asked the same things, on Flask and on costrel: every answer compared.

Each framework runs all apps in a process of its own, so that neither sees the other.
"""

import importlib
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "same_answers"
sys.path.insert(0, str(FOLDER))

import small_apps  # noqa: E402  the line above is how it is found

for room in small_apps.ROOMS:
    importlib.import_module(room)

QUESTIONS = [
    pytest.param(name, number, id=f"{name}-{number}")
    for name, (_, requests) in small_apps.CASES.items()
    for number in range(len(requests))
]

# Where costrel answers otherwise on purpose: its status, words in its body, and why.
ON_PURPOSE = {
    ("lines", "GET /%C3%A9/%20/a+b?x=%FF"): (
        "200 OK",
        r'"args":[["x","\ufffd"]]',
        "bytes that are not UTF-8 are replaced everywhere; Flask leaves the escapes in queries",
    ),
    (
        "forms",
        "POST / {'Content-Type': 'application/x-www-form-urlencoded'} b'a=%FF&b=%zz'",
    ): ("200 OK", r'"flat":{"a":"\ufffd","b":"%zz"}', "as in queries"),
    ("cookies_read", "GET / {'Cookie': 'Ã©=Ã¼'}"): (
        "200 OK",
        r'[["\u00e9","\u00fc"]]',
        "browsers send UTF-8 in cookies; Flask takes each byte for a character",
    ),
    ("bad_input", "GET / {'Authorization': 'Basic ÿ'}"): (
        "200 OK",
        '"auth":"None"',
        "credentials that cannot be read are none; Flask answers 500",
    ),
    ("bad_input", "get /"): (
        "405 METHOD NOT ALLOWED",
        "Method Not Allowed",
        "methods are case-sensitive, and get is none",
    ),
}

# Where costrel does not answer as Flask does yet, though it should: the day it does, this says so.
NOT_YET = {}


@cache
def answers(framework):
    """What a framework answers to everything."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(FOLDER / "small_apps.py"), framework],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    # An exception would not be kept by @cache, and every question would start a process.
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def answer(framework, name, number):
    """One answer, or the one reason why an app has none."""
    found = answers(framework)
    assert not isinstance(found, str), found
    rows = found[name]
    return rows[0] if rows[0]["asked"] == "the app itself" else rows[number]


# How a header's value is compared, where not as it stands: tags are computed in different ways, the
# order of methods is that of a set, and cookies expire by a clock that Flask reads elsewhere.
COMPARED = {
    "Etag": lambda value: "some",
    "Allow": lambda value: ", ".join(sorted(value.split(", "))),
    "Set-Cookie": lambda value: re.sub(
        r"Expires=(?!Thu, 01 Jan 1970)[^;]*", "Expires=later", value
    ),
}

# Headers that costrel adds for safety, with their values; each can be switched off by an app.
ADDED = {("X-Content-Type-Options", "nosniff"), ("Cache-Control", "private")}


def comparable(row):
    """An answer without what each framework says in its own words or computes in its own way."""
    if "broke" in row:
        return {"broke": row["broke"].partition(":")[0]}
    headers = []
    for name, value in row["headers"]:
        headers.append((name.title(), COMPARED.get(name.title(), str)(value)))
    body = row["body"]
    if row["status"] >= "3" and ("text/html; charset=utf-8" in dict(headers).values()):
        # A default page: its sentences are each framework's own, its heading is not.
        if body.lower().startswith("<!doctype html>"):
            body = re.findall(r"<h1>.*?</h1>", body) if row["status"] >= "4" else "a link"
        headers = [pair for pair in headers if pair[0] != "Content-Length"]
    return {"status": row["status"], "headers": headers, "body": body}


def aligned(ours, theirs):
    """Our answer without the headers added on purpose, unless Flask's has them too."""
    kept = [pair for pair in ours.get("headers", ()) if pair not in ADDED - set(theirs["headers"])]
    return {**ours, "headers": sorted(kept)}


@pytest.mark.parametrize(("name", "number"), QUESTIONS)
def test_costrel_answers_as_flask_does(name, number, request):
    theirs = answer("flask", name, number)
    ours = answer("costrel", name, number)
    question = (name, theirs["asked"])
    expected, found = comparable(theirs), comparable(ours)
    if "headers" in expected:
        expected["headers"].sort()
        found = aligned(found, expected)
    if question in ON_PURPOSE:
        status, words, _reason = ON_PURPOSE[question]
        assert ours["status"] == status
        assert words in ours["body"]
        assert found != expected
        return
    if question in NOT_YET:
        request.applymarker(pytest.mark.xfail(strict=True, reason=NOT_YET[question]))
    assert found == expected, theirs["asked"]


def test_every_exception_is_about_a_question_that_is_asked():
    asked = {(name, str(ask)) for name, (_, asks) in small_apps.CASES.items() for ask in asks}
    assert not {*ON_PURPOSE, *NOT_YET} - asked
