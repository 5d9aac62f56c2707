"""A door and what is behind it: session, flash, logout, password hashes."""

import functools
import os

from costrel import (
    Flask,
    check_password_hash,
    flash,
    generate_password_hash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ.get("SECRET_KEY", "only for development"),
    SESSION_COOKIE_SAMESITE="Lax",
)

PEOPLE = {"ada": generate_password_hash("analytical engine")}
# Compared when the name is unknown, so that the time taken does not tell who is known.
NOBODY = generate_password_hash(os.urandom(16).hex())


def signed_in(view):
    """Lets only signed-in people see a view; the others are shown to the door first."""

    @functools.wraps(view)
    def guarded(**arguments):
        if "name" not in session:
            flash("Please sign in first.")
            return redirect(url_for("login"))
        return view(**arguments)

    return guarded


@app.get("/")
@signed_in
def room():
    return render_template("room.html", name=session["name"])


@app.route("/login", methods=["GET", "POST"])
def login():
    name = request.form.get("name", "").strip().lower()
    if request.method == "GET":
        return render_template("login.html", name=name)
    if not check_password_hash(PEOPLE.get(name, NOBODY), request.form.get("password", "")):
        flash("That name and password do not belong together.", "error")
        return render_template("login.html", name=name), 401
    session.clear()
    session["name"] = name
    flash("You are signed in.")
    return redirect(url_for("room"))


@app.post("/logout")
def logout():
    session.clear()
    flash("You are signed out. See you soon.")
    return redirect(url_for("login"))


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "5000")))
