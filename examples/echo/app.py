"""A form, echoed: by GET from the address, by POST from the body."""

import os

from costrel import Flask, render_template, request

app = Flask(__name__)

MOODS = ["curious", "calm", "in a hurry"]


@app.route("/", methods=["GET", "POST"])
def echo():
    fields = request.form if request.method == "POST" else request.args
    return render_template(
        "echo.html",
        moods=MOODS,
        words=fields.get("words", ""),
        chosen=fields.getlist("mood"),
        pairs=list(fields.items(multi=True)),
    )


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "5000")))
