"""Mistakes with forms, queries, uploads, cookies, headers and bodies."""

import io

from costrel import request


def test_a_missing_field_is_named_with_those_that_came(mistake):
    found = mistake(lambda: request.form["naem"], method="POST", data={"name": "x", "age": "3"})
    told = found["CST101"]
    assert "'name', 'age'" in told["says"]
    assert "Did you mean 'name'?" in told["fix"]
    assert told["where"].partition(":")[0].endswith("test_form_advice.py")


def test_a_form_that_came_as_json_is_read_as_json(mistake):
    found = mistake(lambda: request.form["name"], method="POST", json={"name": "x"})
    assert found["CST102"]["example"] == "value = request.json['name']"


def test_a_key_that_came_in_the_query_is_found_there(mistake):
    found = mistake(lambda: request.form["name"], path="/?name=x", method="POST", data={"a": "1"})
    assert "request.args['name']" in found["CST103"]["fix"]
    found = mistake(lambda: request.form["name"], path="/", method="POST", data={"a": "1"})
    assert "CST103" not in found


def test_an_upload_that_is_looked_for_among_the_fields_is_found(mistake):
    def view():
        request.files
        return request.form["photo"]

    found = mistake(view, method="POST", data={"photo": (io.BytesIO(b"x"), "x.png"), "a": "1"})
    assert "request.files" in found["CST103"]["says"]


def test_a_body_that_is_no_form_is_told_by_its_content_type(mistake):
    found = mistake(
        lambda: request.form["name"], method="POST", data="name=x", content_type="text/plain"
    )
    assert "'text/plain'" in found["CST104"]["says"]
    assert "6 bytes" in found["CST104"]["says"]


def test_a_file_needs_the_enctype_of_a_form_with_files(mistake):
    found = mistake(lambda: request.files["photo"], method="POST", data={"photo": "x.png"})
    assert found["CST105"]["example"] == '<form method="post" enctype="multipart/form-data">'
    found = mistake(
        lambda: request.files["photo"],
        method="POST",
        data={"other": (io.BytesIO(b"x"), "x.png")},
    )
    assert "CST105" not in found


def test_where_only_a_files_name_came_the_advice_is_to_send_the_file(mistake):
    found = mistake(lambda: request.files["photo"], method="POST", data={"photo": "x.png"})
    assert "CST103" not in found
    data = {"photo": "x.png", "other": (io.BytesIO(b"x"), "x.png")}
    assert "CST103" in mistake(lambda: request.files["photo"], method="POST", data=data)


def test_a_missing_file_is_named_with_those_that_came(mistake):
    data = {"foto": (io.BytesIO(b"x"), "x.png")}
    told = mistake(lambda: request.files["photo"], method="POST", data=data)["CST101"]
    assert told["says"] == "The form has no file 'photo'. The files that came: 'foto'."
    assert told["fix"].startswith("Did you mean 'foto'?")


def test_an_input_without_a_name_is_found_in_the_templates(mistake, tmp_path):
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "form.html").write_text('<form method="post">\n<input type="text" id="email">\n')
    found = mistake(lambda: request.form["email"], method="POST", data={"x": "1"})
    assert found["CST106"]["example"] == '<input id="email" name="email">'
    assert found["CST106"]["where"].endswith("form.html:2")
    (folder / "form.html").write_text('<input id="email" name="mail">')
    found = mistake(lambda: request.form["email"], method="POST", data={"x": "1"})
    assert "CST106" not in found


def test_a_missing_key_of_the_query_is_told_with_what_came(mistake):
    found = mistake(lambda: request.args["page"], path="/?pgae=2")
    assert "'pgae'" in found["CST107"]["says"]
    assert "Did you mean 'pgae'?" in found["CST107"]["fix"]


def test_a_body_over_the_limit_is_told_which_limit(app, mistake):
    app.config["MAX_CONTENT_LENGTH"] = 10
    found = mistake(lambda: request.data, method="POST", data=b"x" * 20)
    assert "20 bytes, over MAX_CONTENT_LENGTH, which is 10 bytes" in found["CST112"]["says"]
    assert found["CST112"]["example"] == 'app.config["MAX_CONTENT_LENGTH"] = 40'


def test_too_many_fields_are_told_with_the_limits_of_forms(app, mistake):
    app.config["MAX_FORM_PARTS"] = 1
    data = {"a": (io.BytesIO(b"x"), "a"), "b": "1", "c": "2"}
    found = mistake(lambda: request.form["a"], method="POST", data=data)
    assert "MAX_FORM_PARTS (1 fields)" in found["CST112"]["says"]


def test_a_missing_cookie_is_told(mistake):
    found = mistake(lambda: request.cookies["theme"], cookies={"them": "dark"})
    assert "Did you mean 'them'?" in found["CST113"]["fix"]


def test_a_missing_header_is_told(mistake):
    found = mistake(lambda: request.headers["X-Key"])
    assert "No header 'X-Key' came" in found["CST113"]["says"]


def test_a_text_that_is_no_number_is_read_with_its_type(mistake):
    def view():
        return str(int(request.args["page"]))

    found = mistake(view, path="/?page=two")
    assert "type=int" in found["CST116"]["example"]


def test_a_host_that_is_not_trusted_is_told(app, mistake):
    app.config["TRUSTED_HOSTS"] = ["example.org"]
    found = mistake(lambda: "x")
    assert "'localhost' is none of TRUSTED_HOSTS: 'example.org'" in found["CST117"]["says"]
