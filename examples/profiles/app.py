"""People of a small harbour: templates, inheritance, static files, pictures."""

import os

from costrel import Flask, abort, render_template

app = Flask(__name__)

PEOPLE = {
    "mira": {
        "name": "Mira Okafor",
        "work": "Keeper of the light",
        "since": 2011,
        "portrait": "mira.svg",
        "likes": ["fog horns", "crosswords", "the hour before sunrise"],
        "words": "The lamp turns by itself now. Somebody still has to know what to do when it does "
        "not, and to wave at the ferry.",
    },
    "tomas": {
        "name": "Tomás Lindqvist",
        "work": "Boat builder",
        "since": 1998,
        "portrait": "tomas.svg",
        "likes": ["larch", "quiet radios", "soup"],
        "words": "I have built nineteen boats and repaired some four hundred. The repairs teach "
        "you more.",
    },
    "yuki": {
        "name": "Yuki Arai",
        "work": "Weather observer",
        "since": 2019,
        "portrait": "yuki.svg",
        "likes": ["cirrus", "cycling against the wind", "tables of numbers"],
        "words": "Every three hours I write down what the sky did. After a few years it starts to "
        "read like letters from somebody you know.",
    },
    "ines": {
        "name": "Inês Duarte",
        "work": "Radio operator",
        "since": 2006,
        "portrait": "ines.svg",
        "likes": ["short waves", "long walks", "other people's call signs"],
        "words": "Most of the job is listening. I recognise boats by how their skippers breathe "
        "before they speak.",
    },
}


@app.template_filter("sentence")
def as_sentence(words):
    """One, two and three."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


@app.get("/")
def index():
    return render_template("index.html", people=PEOPLE)


@app.get("/people/<key>")
def profile(key):
    if key not in PEOPLE:
        abort(404)
    keys = list(PEOPLE)
    following = keys[(keys.index(key) + 1) % len(keys)]
    return render_template(
        "profile.html",
        person=PEOPLE[key],
        next_key=following,
        next_person=PEOPLE[following],
    )


@app.errorhandler(404)
def missing(error):
    return render_template("missing.html"), 404


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "5000")))
