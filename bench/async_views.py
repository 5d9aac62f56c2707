"""What an async view costs under WSGI, beside a sync one, with costrel and with Flask.

    scripts/bench async_views [--seconds 0.3]

CPU µs per request, least of five, all in one run; threads of the process count. Each answer is
checked first.
"""

import argparse

import flask
from growth import cost
from scenarios import Scenario

import costrel


def make(framework):
    """An app with the same view twice."""
    app = framework.Flask("async_views", static_folder=None)

    def sync():
        return "Hello World!"

    async def waiting():
        return "Hello World!"

    app.add_url_rule("/sync", view_func=sync)
    app.add_url_rule("/async", view_func=waiting)
    return app


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.3)
    seconds = parser.parse_args().seconds
    print("| CPU µs under WSGI | sync view | async view |")
    print("|---|--:|--:|")
    found = {}
    for framework in (costrel, flask):
        app, name = make(framework), framework.__name__
        sync, waiting = (
            cost(app, Scenario(path, text=b"Hello World!"), seconds) for path in ("/sync", "/async")
        )
        found[name] = waiting
        print(f"| {name} | {sync:.1f} | {waiting:.1f} |")
    print(f"\nThe async view: {found['costrel'] / found['flask']:.2f} of Flask's.")


if __name__ == "__main__":
    main()
