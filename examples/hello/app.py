"""The smallest program: one page, and one that greets by name."""

import os

from costrel import Flask, escape

app = Flask(__name__)

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hello, {name}!</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/hello.css">
<main>
  <h1>Hello, <em>{name}!</em></h1>
  <p>{hint}</p>
</main>
"""


@app.route("/")
def hello():
    return PAGE.format(name="World", hint='Say it to somebody: <a href="/Ada">/Ada</a>')


@app.route("/<name>")
def hello_name(name):
    return PAGE.format(name=escape(name), hint='<a href="/">Back to the world</a>')


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "5000")))
