"""Advice on what a program finds outside: files, the environment, other services."""

from __future__ import annotations

import os
import re
from typing import Any

from costrel.debugger.advice.rulebook import Advice, rule
from costrel.debugger.advice.situation import Situation, nearest, short_path

# Ports that programs connect to → what usually listens there.
SERVICES = {
    5432: "PostgreSQL",
    3306: "MySQL",
    6379: "Redis",
    27017: "MongoDB",
    5672: "RabbitMQ",
    9200: "Elasticsearch",
    11211: "memcached",
    25: "a mail server",
    587: "a mail server",
    1025: "a mail server for tests",
}


@rule("CST908", FileNotFoundError)
def relative_path(situation: Situation) -> Advice | None:
    """A file is not found by a relative path.

    A relative path starts at the current folder, which depends on where the program was started.
    Start at the program's folder: `app.open_resource(name)` or `Path(app.root_path) / name`.
    """
    error: Any = situation.error
    name, app = error.filename, situation.app
    if not isinstance(name, str) or os.path.isabs(name) or situation.passed("send_file"):
        return None
    notes = []
    if app is not None and os.path.exists(os.path.join(app.root_path, name)):
        notes.append(f"There is {short_path(os.path.join(app.root_path, name))}.")
    return Advice(
        f"{name!r} is looked for in the current folder, {os.getcwd()}.",
        "Start at the program's folder, wherever it is started from.",
        notes=tuple(notes),
        example=f"os.path.join(app.root_path, {name!r})",
        where=situation.where,
    )


@rule(
    "CST909",
    ConnectionError,
    "redis.exceptions.ConnectionError",
    "psycopg2.OperationalError",
    "psycopg.OperationalError",
    "sqlalchemy.exc.OperationalError",
    "urllib.error.URLError",
    "requests.exceptions.ConnectionError",
)
def service_not_running(situation: Situation) -> Advice | None:
    """Another service refuses the connection.

    Nothing listens at that address: it is not running, or runs elsewhere. Within a container,
    localhost is the container itself.
    """
    if "refused" not in situation.message.lower():
        return None
    port = re.search(r"(?:port[= ]+|:)(\d{2,5})\b", situation.message)
    number = int(port.group(1)) if port else None
    service = SERVICES.get(number or 0)
    told = f" on port {number}" if number else ""
    return Advice(
        f"Nothing accepts connections{told}"
        + (f", where {service} usually is." if service else "."),
        f"Start {service or 'the service'}, or correct its address.",
        notes=("In a container, localhost is the container: use the service's name.",),
        where=situation.where,
    )


@rule("CST911", KeyError)
def missing_environment_variable(situation: Situation) -> Advice | None:
    """An environment variable is not set.

    Set it in the shell or in a file `.env`, which `costrel run` and `app.run` read before the app
    is loaded (with python-dotenv installed).
    """
    step = situation.innermost
    if step is None or step.locals.get("self") is not os.environ or not situation.error.args:
        return None
    name = str(situation.error.args[0])
    like = nearest(name, os.environ)
    return Advice(
        f"The environment has no {name!r}.",
        (f"Did you mean {like!r}? " if like else "")
        + f"Set it: export {name}=..., or a line {name}=... in .env.",
        example=f'os.environ.get("{name}", "default")',
        where=situation.where,
    )


@rule("CST912", PermissionError)
def not_allowed(situation: Situation) -> Advice | None:
    """The program may not read or write a file, or listen on a port.

    Ports below 1024 and files of others need rights that a web app should not have.
    """
    error: Any = situation.error
    if error.filename is None:
        return Advice(
            "The program may not do that; ports below 1024 need the rights of an administrator.",
            "Take a port of 1024 or more, and a proxy in front for 80 and 443.",
            example="app.run(port=8000)",
            where=situation.where,
        )
    return Advice(
        f"The program may not open {short_path(str(error.filename))}.",
        "Change who may, or put the file where the program may write: app.instance_path.",
        where=situation.where,
    )
