"""Work outside of a context."""

from threading import Thread

from costrel import current_app, g, request
from costrel.debugger.advice import advise


def test_current_app_outside_of_an_app_is_told_with_the_function(advice_on):
    def read_setting():
        return current_app.name

    told = advice_on(read_setting)["CST401"]
    assert told["says"].startswith("current_app is used in read_setting() at ")
    assert told["notes"] == ["Thread: MainThread."]
    assert "app.app_context()" in told["example"]


def test_request_outside_of_a_request_is_told(advice_on):
    def user_agent():
        return request.headers["User-Agent"]

    told = advice_on(user_agent)["CST402"]
    assert "request is used in user_agent()" in told["says"]
    assert "test_request_context" in told["example"]


def test_a_thread_is_told_apart(advice_on):
    caught = []

    def work():
        try:
            request.path
        except RuntimeError as error:
            caught.append(error)
            caught.append(advise(error))

    thread = Thread(target=work, name="mailer")
    thread.start()
    thread.join()
    # The steps that Python took to start the thread are above the one that caught the error.
    assert {found.code for found in caught[1]} == {"CST403"}
    assert "'mailer'" in caught[1][0].says
    assert "copy_current_request_context(work)" in caught[1][0].example


def test_what_g_lacks_is_told_with_what_it_has(mistake):
    def view():
        g.database = 1
        return g.databse

    told = mistake(view)["CST404"]
    assert "It has: 'database'" in told["says"]
    assert "Did you mean g.database?" in told["fix"]


def test_contexts_left_in_the_wrong_order_are_told(app, advice_on):
    first, second = app.app_context(), app.app_context()
    first.push()
    second.push()
    found = advice_on(lambda: first.pop())
    second.pop()
    first.pop()
    assert "`with`" in found["CST405"]["fix"]


def test_a_generator_that_outlives_its_request_is_told(advice_on):
    def rows():
        yield request.path

    told = advice_on(lambda: next(rows()))["CST406"]
    assert "stream_with_context(rows())" in told["example"]


def test_a_proxy_at_import_time_is_told(program, advice_on):
    files = {"early_module.py": "from costrel import current_app\nname = current_app.name\n"}
    told = advice_on(lambda: program(files, "early_module"))["CST407"]
    assert "current_app is used at " in told["says"]
    assert "early_module.py:2" in told["where"]
