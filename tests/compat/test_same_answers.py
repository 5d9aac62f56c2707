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

# Where costrel answers otherwise on purpose: what it answers, and why.
ON_PURPOSE = {
    ("bad_input", "GET / {'Authorization': 'Basic ÿ'}"): (
        "200 OK",
        "credentials that cannot be read are none; Flask answers 500",
    ),
}


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
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def answer(framework, name, number):
    """One answer, or the one reason why an app has none."""
    rows = answers(framework)[name]
    return rows[0] if rows[0]["asked"] == "the app itself" else rows[number]


def comparable(row):
    """An answer without what each framework says in its own words or computes in its own way."""
    if "broke" in row:
        return {"broke": row["broke"].partition(":")[0]}
    headers = sorted((name.title(), value) for name, value in row["headers"])
    body = row["body"]
    if row["status"] >= "3" and body.lower().startswith("<!doctype html>"):
        # A default page: its sentences are each framework's own, its headings are not.
        body = re.findall(r"<(?:title|h1)>.*?</", body)
        headers = [pair for pair in headers if pair[0] != "Content-Length"]
    headers = [(name, "some" if name == "Etag" else value) for name, value in headers]
    return {"status": row["status"], "headers": headers, "body": body}


@pytest.mark.parametrize(("name", "number"), QUESTIONS)
def test_costrel_answers_as_flask_does(name, number):
    theirs = answer("flask", name, number)
    ours = answer("costrel", name, number)
    if (name, theirs["asked"]) in ON_PURPOSE:
        status, _reason = ON_PURPOSE[name, theirs["asked"]]
        assert ours["status"] == status
        assert ours["status"] != theirs["status"]
        return
    assert comparable(ours) == comparable(theirs), theirs["asked"]
