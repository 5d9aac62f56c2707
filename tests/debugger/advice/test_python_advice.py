"""Slips of Python itself."""

PRICES = {"tea": 3, "coffee": 4}


def find_user():
    return None


def test_what_is_none_is_named(mistake):
    def view():
        user = find_user()
        return user.name

    told = mistake(view)["CST920"]
    assert told["says"].startswith("user is None at ")
    assert told["example"] == "if user is None:\n    abort(404)"


def test_why_it_is_none_is_told(mistake):
    def view():
        price = PRICES.get("milk")
        return price["cents"]

    assert "get() gives None" in mistake(view)["CST920"]["says"]


def test_a_name_of_costrels_that_is_not_imported_is_told(mistake):
    def view():
        return render_template("x.html")  # noqa: F821

    found = mistake(view)
    assert found["CST921"]["example"] == "from costrel import render_template"


def test_a_misspelled_name_is_told_with_the_nearest(mistake):
    def view():
        return PRICE["tea"]  # noqa: F821

    assert mistake(view)["CST921"]["fix"] == "Did you mean 'PRICES'?"


def test_a_name_used_before_it_has_a_value_is_told(mistake):
    def view():
        if PRICES is None:
            total = 1
        return str(total)

    assert "before view() gives it a value" in mistake(view)["CST921"]["says"]


def test_a_missing_key_is_told_with_the_keys_of_the_dict(mistake):
    def view():
        return PRICES["cofee"]

    told = mistake(view)["CST922"]
    assert told["says"] == "PRICES has no key 'cofee'. Its keys: 'tea', 'coffee'."
    assert "Did you mean 'coffee'?" in told["fix"]
