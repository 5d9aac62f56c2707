"""A box for pictures: limits on size and kind, safe names, and errors people can read."""

import itertools
import os
from pathlib import Path

from costrel import (
    Flask,
    abort,
    flash,
    redirect,
    render_template,
    request,
    secure_filename,
    send_from_directory,
    url_for,
)

app = Flask(__name__)
app.config.update(
    FOLDER=str(Path(app.instance_path) / "pictures"),
    MAX_CONTENT_LENGTH=2 * 1024 * 1024,
    SECRET_KEY=os.environ.get("SECRET_KEY", "only for development"),
    SESSION_COOKIE_SAMESITE="Lax",
)
app.config.from_prefixed_env("UPLOADS")  # UPLOADS_FOLDER=/elsewhere

# How a file of each kind begins: a name is only what somebody says it is.
BEGINNINGS = {
    ".gif": b"GIF8",
    ".jpeg": b"\xff\xd8\xff",
    ".jpg": b"\xff\xd8\xff",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".webp": b"RIFF",
}


def folder():
    """The folder of the pictures, made when it is first needed."""
    path = Path(app.config["FOLDER"])
    path.mkdir(parents=True, exist_ok=True)
    return path


def keep(upload):
    """Save an upload under a safe name that no other has; returns the name."""
    suffix = Path(upload.filename).suffix.lower()
    beginning = BEGINNINGS.get(suffix)
    if beginning is None:
        kinds = ", ".join(BEGINNINGS)
        abort(400, f"“{upload.filename}” is not a kind of picture we know. We take {kinds}.")
    if upload.stream.read(len(beginning)) != beginning:
        abort(400, f"“{upload.filename}” is named {suffix}, but what is in it is something else.")
    upload.stream.seek(0)
    stem = secure_filename(Path(upload.filename).stem)[:80] or "picture"
    for number in itertools.count(1):
        name = f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}"
        try:
            with (folder() / name).open("xb") as target:  # x: never over another's picture
                upload.save(target)
        except FileExistsError:
            continue
        return name
    return None


@app.get("/")
def index():
    pictures = sorted(folder().iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    return render_template("index.html", pictures=pictures, kinds=BEGINNINGS)


@app.post("/")
def upload():
    picture = request.files.get("picture")
    if not picture or not picture.filename:
        abort(400, "Nothing was chosen. Choose a picture, then press the button.")
    flash(f"{keep(picture)} is in the box.")
    return redirect(url_for("index"))


@app.get("/pictures/<name>")
def picture(name):
    return send_from_directory(folder(), name)


@app.after_request
def trust_the_type(response):
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@app.errorhandler(400)
def refused(error):
    return render_template("error.html", title="That did not work", text=error.description), 400


@app.errorhandler(404)
def missing(error):
    return render_template("error.html", title="Not here", text="There is no such picture."), 404


@app.errorhandler(413)
def too_large(error):
    limit = app.config["MAX_CONTENT_LENGTH"]
    text = f"That file is too big: {limit // 1024 // 1024} MiB is the most we take."
    return render_template("error.html", title="Too big", text=text), 413


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "5000")))
