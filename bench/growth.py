"""How the cost of a request grows with what there is of something: prints and draws it.

    scripts/bench growth [--out docs/images/growth.svg] [--seconds 0.1]

costrel beside Flask over WSGI, CPU µs per request, least of five. Both axes of the picture are
logarithmic: a flat line costs nothing, a line at 45° is linear.
"""

import argparse
import gc
import math

import flask
import material
from callers import WsgiCaller
from drawing import Drawing
from scenarios import CLIENT, Scenario

import costrel

SIZES = {
    "routes": [10, 100, 1_000, 10_000],
    "hooks": [1, 4, 16, 64],
    "request headers": [4, 16, 64, 256],
    "cookies": [1, 4, 16, 64],
    "form fields": [5, 20, 80, 320],
    "template rows": [1, 10, 100, 1_000],
    "session values": [1, 4, 16, 64],
}
FRAMEWORKS = {"costrel": costrel, "flask": flask}


def routes(framework, size):
    app = framework.Flask("growth", static_folder=None)

    def show(item):
        return str(item)

    for number in range(size):
        app.add_url_rule(f"/thing{number}/<int:item>/show", f"thing{number}", show)
    return app, Scenario(f"/thing{size - 1}/7/show", text=b"7")


def hooks(framework, size):
    app = framework.Flask("growth", static_folder=None)
    for _ in range(size):
        app.before_request(lambda: None)
        app.after_request(lambda response: response)
    app.add_url_rule("/", "home", lambda: "home")
    return app, Scenario("/", text=b"home")


def request_headers(framework, size):
    app = framework.Flask("growth", static_folder=None)
    app.add_url_rule("/", "home", lambda: framework.request.headers["X-Last"])
    more = [(f"x-header-{number}", "some value") for number in range(size)]
    return app, Scenario("/", text=b"here", headers=[*CLIENT, *more, ("x-last", "here")])


def cookies(framework, size):
    app = framework.Flask("growth", static_folder=None)
    app.add_url_rule("/", "home", lambda: framework.request.cookies["c0"])
    text = "; ".join(f"c{number}=value-{number}" for number in range(size))
    return app, Scenario("/", text=b"value-0", headers=[*CLIENT, ("cookie", text)])


def form_fields(framework, size):
    app = framework.Flask("growth", static_folder=None)
    app.add_url_rule("/", "home", lambda: framework.request.form["field0"], methods=["POST"])
    body = "&".join(f"field{number}=value+{number}" for number in range(size)).encode()
    kind = "application/x-www-form-urlencoded"
    return app, Scenario("/", method="POST", body=body, content_type=kind, text=b"value 0")


def template_rows(framework, size):
    app = framework.Flask("growth", static_folder=None, template_folder=str(material.TEMPLATES))
    rows = [(number, f"row {number}") for number in range(size)]
    app.add_url_rule("/", "home", lambda: framework.render_template("rows.html", rows=rows))
    return app, Scenario("/")


def session_values(framework, size):
    app = framework.Flask("growth", static_folder=None)
    app.secret_key = material.SECRET

    def count():
        session = framework.session
        if "n" not in session:
            session.update({f"value{number}": "some text" for number in range(size - 1)})
        session["n"] = session.get("n", 0) + 1
        return str(session["n"])

    app.add_url_rule("/", "home", count)
    return app, Scenario("/", text=b"1", follows="cookie")


MAKERS = {
    "routes": routes,
    "hooks": hooks,
    "request headers": request_headers,
    "cookies": cookies,
    "form fields": form_fields,
    "template rows": template_rows,
    "session values": session_values,
}


def cost(app, scenario, seconds):
    """Return the least CPU µs of one request."""
    caller = WsgiCaller()
    caller.aim(app, scenario)
    answer = caller.ask()
    scenario.check(*answer)
    if scenario.follows:
        scenario = scenario.followed(answer[1])
        caller.aim(app, scenario)
        scenario.check(*caller.ask())
    caller.measure(20)
    times = max(10, int(seconds / caller.measure(20)))
    gc.collect()
    return min(caller.measure(times) for _ in range(5)) * 1e6


def draw(results, path):
    """Draw a panel for each thing that grows."""
    width, height, columns = 230, 190, 4
    names = list(results)
    rows = -(-len(names) // columns)
    title = "CPU µs per request by the number of routes, hooks, headers, cookies, fields …"
    drawing = Drawing(columns * width + 20, rows * height + 40, title)
    drawing.text(12, 22, "CPU µs per request as things grow (both axes logarithmic)", "title")
    drawing.text(columns * width, 22, "—— costrel    - - - Flask", "faint", anchor="end")
    for number, name in enumerate(names):
        row, column = divmod(number, columns)
        panel(drawing, 12 + column * width, 36 + row * height, name, results[name])
    drawing.save(path)


def panel(drawing, left, top, name, curves):
    """Draw how one thing grows: from 1 to 10,000 µs upwards, its sizes to the right."""
    x, y, width, height = left + 44, top + 24, 160, 120
    sizes = list(next(iter(curves.values())))
    drawing.text(left, top + 14, name, "title")
    for power in range(5):
        at = y + height - height * power / 4
        drawing.line(x, at, x + width, at)
        drawing.text(x - 5, at + 4, f"{10**power:,}", "faint", anchor="end")
    span = math.log(sizes[-1] / sizes[0])
    for framework, curve in curves.items():
        points = [
            (
                x + width * math.log(size / sizes[0]) / span,
                y + height - height * math.log10(max(value, 1)) / 4,
            )
            for size, value in curve.items()
        ]
        drawing.curve(points, "ours" if framework == "costrel" else "peer")
    for size in sizes:
        at = x + width * math.log(size / sizes[0]) / span
        drawing.text(at, y + height + 16, f"{size:,}", "faint", anchor="middle")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="docs/images/growth.svg")
    parser.add_argument("--seconds", type=float, default=0.05)
    given = parser.parse_args()
    results = {}
    for name, sizes in SIZES.items():
        results[name] = {
            label: {size: cost(*MAKERS[name](framework, size), given.seconds) for size in sizes}
            for label, framework in FRAMEWORKS.items()
        }
        print(f"| {name} | {' | '.join(f'{size:,}' for size in sizes)} |")
        print("|---|" + "--:|" * len(sizes))
        for label, curve in results[name].items():
            print(f"| {label} | {' | '.join(f'{value:.1f}' for value in curve.values())} |")
        print()
    draw(results, given.out)


if __name__ == "__main__":
    main()
