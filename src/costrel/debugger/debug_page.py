"""The debug page: an error, its findings and its frames as HTML, JSON or plain text.

Law: whatever comes from outside (a message, a value, a path, a header) is escaped here; nothing
on the page is fetched from anywhere, and nothing in it runs without this answer's nonce.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from markupsafe import Markup

from costrel.debugger.advice.rulebook import RULES, Finding
from costrel.debugger.frame_views import ErrorView, FrameView, frames_in, text_of

_POLICY = (
    "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = Markup("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style nonce="{nonce}">{style}</style>
<main>
<header>
<div class="asked"><span class="status">{status}</span> <b class="mono">{asked}</b>
<span>{at}</span></div>
<h1>{module}{kind}</h1>
<p class="message">{message}</p>
{notes}
<div class="tools">{tools}</div>
<p id="outcome" class="outcome" hidden role="status"></p>
</header>
{findings}
{errors}
{request}
{text}
<p class="foot">{foot}</p>
</main>
<dialog><form method="dialog"><p></p><input class="mono" aria-label="Token" autocomplete="off" \
spellcheck="false"><div><button class="main" value="use">Use it</button>\
<button value="no">Not now</button></div></form></dialog>
<script type="application/json" id="costrel">{data}</script>
<script nonce="{nonce}">{script}</script>
</html>
""")
_NEAR = "Shown because debug mode is on. Never use debug mode in production."
_FAR = (
    "Shown because debug mode is on; without source, values and console, as you are not on the "
    "machine that runs the program. Never use debug mode in production."
)


@dataclass(slots=True)
class Report:
    """An error, ready to be shown.

    :ivar asked: the request's first line.
    :ivar request_rows: what is known of the request, by section.
    :ivar is_near: whether the reader is on this machine, and may see values.
    :ivar data: for the page's script.
    """

    status: int
    reason: str
    asked: str
    chain: list[ErrorView]
    findings: list[Finding]
    is_near: bool
    has_console: bool
    data: dict[str, Any]
    request_rows: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


@cache
def _asset(name: str) -> Markup:
    # Read once; both files are ours, and hold no closing tag.
    return Markup(files("costrel.debugger").joinpath(name).read_text("utf-8"))  # noqa: S704  # ours


def render_page(report: Report, nonce: str) -> tuple[str, dict[str, str]]:
    """Render a report as a page.

    :returns: the page, and the headers that it must be sent with.
    """
    error = report.chain[-1]
    first = _main_frame(error)
    page = _PAGE.format(
        title=f"{error.kind}: {error.message}"[:150],
        nonce=nonce,
        style=_asset("debug_page.css"),
        script=_asset("debug_page.js"),
        status=f"{report.status} {report.reason}",
        asked=report.asked,
        at=f"{first.place} in {first.function}" if first else "",
        module=_module_of(error.kind),
        kind=error.kind.rpartition(".")[2],
        message=error.message,
        notes=Markup("").join(
            Markup('<p class="note">{}</p>').format(note) for note in error.notes
        ),
        tools=Markup(" ").join(_tools(report)),
        findings=_findings(report.findings),
        errors=_chain(report),
        request=_request(report),
        text=_as_text(report),
        foot=_NEAR if report.is_near else _FAR,
        data=Markup(json.dumps(report.data).replace("<", "\\u003c")),  # noqa: S704  # cannot end the script
    )
    return page, {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": _POLICY.format(nonce=nonce),
        **PLAIN_HEADERS,
    }


PLAIN_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def _module_of(kind: str) -> Markup:
    module = kind.rpartition(".")[0]
    return Markup("<small>{}.</small>").format(module) if module else Markup("")


def _main_frame(error: ErrorView) -> FrameView | None:
    yours = [frame for frame in error.frames if frame.is_yours]
    found = yours or error.frames
    return found[-1] if found else None


def _tools(report: Report) -> Iterator[Markup]:
    if report.chain[-1].frames:
        yield Markup('<button id="copy" type="button">Copy as text</button>')
    if report.is_near and report.data.get("request"):
        yield Markup('<button id="again" class="main" type="button">Run it again</button>')
        yield Markup('<button id="test" type="button">Make a test of it</button>')


def _findings(findings: list[Finding]) -> Markup:
    if not findings:
        return Markup("")
    return Markup("<section>{}</section>").format(Markup("").join(map(_finding, findings)))


_FINDING = Markup("""\
<article class="finding" id="{id}">
<h3><span>{title}</span> <span class="code mono">{code}</span></h3>
<p>{says}</p><p class="fix">{fix}</p>{example}{notes}
<details><summary>More about {code}</summary><p>{more}</p></details>{where}</article>
""")


def _finding(finding: Finding) -> Markup:
    more = RULES[finding.code].text.replace("\n\n", "\0").replace("\n", " ").replace("\0", "\n")
    return _FINDING.format(
        id=finding.code.lower(),
        title=finding.title,
        code=finding.code,
        says=finding.says,
        fix=finding.fix,
        example=Markup("<pre>{}</pre>").format(finding.example) if finding.example else "",
        notes=_list(finding.notes),
        more=f"{finding.title}. {more}",
        where=(
            Markup('<footer class="mono">{}</footer>').format(finding.where)
            if finding.where
            else ""
        ),
    )


def _list(lines: Iterable[str]) -> Markup:
    items = Markup("").join(Markup("<li>{}</li>").format(line) for line in lines)
    return Markup("<ul>{}</ul>").format(items) if items else Markup("")


_BETWEEN = {
    "cause": "Raised from this error:",
    "context": "Raised while this error was handled:",
}


def _chain(report: Report) -> Markup:
    parts: list[Markup] = []
    for view in reversed(report.chain):
        if view.relation:
            parts.append(Markup('<p class="between">{}</p>').format(_BETWEEN[view.relation]))
        parts.append(_error(view, report))
    return Markup("").join(parts)


def _error(view: ErrorView, report: Report) -> Markup:
    is_first = view is report.chain[-1]
    title = (
        "Traceback"
        if is_first
        else Markup("<code>{}</code> {}").format(view.kind, view.message[:300])
    )
    if not view.frames and not view.members:
        return Markup("") if is_first else Markup("<h2><span>{}</span></h2>").format(title)
    parts = [Markup("<h2><span>{}</span> <small>most recent call first</small></h2>").format(title)]
    main = _main_frame(view)
    for is_yours, group in groupby(reversed(view.frames), key=lambda frame: frame.is_yours):
        frames = [_frame(frame, report, is_open=frame is main) for frame in group]
        if is_yours or main is None or not main.is_yours:
            parts += frames
        else:
            count = f"{len(frames)} {'frames' if len(frames) > 1 else 'frame'} in libraries"
            parts.append(
                Markup('<details class="library"><summary>{}</summary>{}</details>').format(
                    count, Markup("").join(frames)
                )
            )
    parts += [
        Markup('<div class="member">{}</div>').format(_error(member, report))
        for member in view.members
    ]
    return Markup("").join(parts)


_FRAME = Markup("""\
<details class="frame"{open}><summary><span class="function mono">{function}</span> \
<span class="place mono">{place}</span>{badge}</summary>{source}{values}{console}</details>
""")
_CONSOLE = Markup("""\
<div class="console" data-frame="{number}"><pre hidden></pre><label><span class="mono">&gt;&gt;&gt;\
</span><textarea rows="1" spellcheck="false" autocapitalize="off" autocomplete="off" \
aria-label="Python to run in {function}" placeholder="Python, run in this frame"></textarea>\
</label></div>
""")


def _frame(frame: FrameView, report: Report, *, is_open: bool) -> Markup:
    badge = ""
    if frame.is_yours:
        told = "template" if frame.is_template else "your code"
        badge = Markup('<span class="yours">{}</span>').format(told)
    has_console = report.has_console and frame.step is not None
    return _FRAME.format(
        open=Markup(" open") if is_open else "",
        function=frame.function or "(file)",
        place=frame.place,
        badge=badge,
        source=_source(frame) if report.is_near else "",
        values=_values(frame.values) if report.is_near else "",
        console=_CONSOLE.format(number=frame.number, function=frame.function)
        if has_console
        else "",
    )


def _source(frame: FrameView) -> Markup:
    if not frame.lines:
        return Markup('<p class="empty">No source.</p>')
    rows = []
    for line in frame.lines:
        text: Any = line.text
        if line.is_current and line.start >= 0:
            text = Markup("{}<mark>{}</mark>{}").format(
                text[: line.start], text[line.start : line.end], text[line.end :]
            )
        kind = "row now" if line.is_current else "row"
        rows.append(Markup('<span class="{}"><i>{}</i>{}</span>').format(kind, line.number, text))
    return Markup('<pre class="source">{}</pre>').format(Markup("").join(rows))


_ROW = Markup('<tr><th class="mono">{}</th><td class="mono">{}</td></tr>')


def _values(values: list[tuple[str, str]]) -> Markup:
    if not values:
        return Markup('<p class="empty">No local variables.</p>')
    rows = Markup("").join(_ROW.format(name, value) for name, value in values)
    return Markup('<table class="values">{}</table>').format(rows)


_MORE = Markup('<details class="more"><summary>{}</summary>{}</details>')


def _request(report: Report) -> Markup:
    if not report.is_near or not report.request_rows:
        return Markup("")
    parts = [
        _MORE.format(name, _values(rows)) for name, rows in report.request_rows.items() if rows
    ]
    if not parts:
        return Markup("")
    return Markup("<h2><span>Request</span></h2>{}").format(Markup("").join(parts))


def _as_text(report: Report) -> Markup:
    if not any(view.frames for view in report.chain):
        return Markup("")
    text = Markup('<pre class="plain" id="text">{}</pre>').format(render_text(report))
    return Markup("<h2><span>As text</span></h2>{}").format(_MORE.format("Traceback", text))


def render_text(report: Report) -> str:
    """Render a report as plain text: the traceback as Python has it, then the findings."""
    head = f"{report.asked} → {report.status} {report.reason}\n\n"
    has_frames = any(True for _ in frames_in(report.chain))
    error = report.chain[-1]
    body = (
        text_of(report.chain, has_source=report.is_near)
        if has_frames
        else f"{error.kind}: {error.message}\n"
    )
    return head + body + "".join(f"\n{part}" for part in finding_lines(report.findings))


def finding_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Findings as paragraphs of plain text."""
    for finding in findings:
        yield f"{finding.code} {finding.title}\n"
        yield f"  {finding.says}\n"
        yield f"  → {finding.fix}\n"
        for line in finding.example.splitlines():
            yield f"      {line}\n"
        for note in finding.notes:
            yield f"  · {note}\n"
        place = f"{finding.where}, " if finding.where else ""
        yield f"  ({place}costrel explain {finding.code})\n"


def render_json(report: Report) -> str:
    """Render a report as JSON: the error, where it was raised, and the findings."""
    error = report.chain[-1]
    told: dict[str, Any] = {
        "error": {
            "status": report.status,
            "type": error.kind,
            "message": error.message,
            "notes": error.notes,
        },
        "findings": [finding.as_json() for finding in report.findings],
        "traceback": [
            {
                "file": frame.file,
                "line": frame.line,
                "function": frame.function,
                "yours": frame.is_yours,
            }
            for frame in error.frames
        ],
        "causes": [
            {"type": view.kind, "message": view.message} for view in reversed(report.chain[:-1])
        ],
    }
    return json.dumps(told, indent=2) + "\n"
