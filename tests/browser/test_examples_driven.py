"""The examples as a person meets them: in a browser, with a keyboard and a mouse."""

import signal

import processes
import pytest

pytestmark = pytest.mark.slow


def errors(browser):
    """What the page itself complained about."""
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def test_echo_says_back_what_was_typed_by_get_and_by_post(serve, open_browser, find, see):
    browser = open_browser()
    browser.get(serve("echo").url)
    words = "Ünïcode, <b>not bold</b> & 100 % + more"
    find(browser, "#words").send_keys(words)
    find(browser, "input[value=calm]").click()
    find(browser, "#by-get").click()
    see(browser, words, "#said")
    see(browser, "GET", ".method")
    assert "mood=calm" in browser.current_url
    assert find(browser, "#words").get_attribute("value") == words
    address = browser.current_url
    find(browser, "#words").send_keys(" again")
    find(browser, "#by-post").click()
    see(browser, words + " again", "#said")
    see(browser, "POST", ".method")
    assert "again" not in address
    assert browser.find_elements("css selector", "#said b") == []
    assert errors(browser) == []


def test_login_lets_a_person_in_and_out(serve, open_browser, find, see):
    browser = open_browser()
    url = serve("login").url
    browser.get(url)
    see(browser, "Please sign in first.", ".flash")
    assert browser.current_url == f"{url}/login"
    find(browser, "#name").send_keys("ada")
    find(browser, "#password").send_keys("guess\n")
    see(browser, "do not belong together", ".flash.error")
    assert find(browser, "#name").get_attribute("value") == "ada"
    find(browser, "#password").send_keys("analytical engine\n")
    see(browser, "You are signed in.", ".flash")
    see(browser, "Welcome, Ada", "h1")
    browser.get(url)
    see(browser, "Welcome, Ada", "h1")
    assert browser.find_elements("css selector", ".flash") == []
    find(browser, "button").click()
    see(browser, "You are signed out.", ".flash")
    browser.get(url)
    see(browser, "Please sign in first.", ".flash")


def test_the_session_cookie_is_out_of_reach_of_scripts(serve, open_browser, find, see):
    browser = open_browser()
    browser.get(serve("login").url)
    find(browser, "#name").send_keys("ada")
    find(browser, "#password").send_keys("analytical engine\n")
    see(browser, "Welcome", "h1")
    assert browser.execute_script("return document.cookie") == ""
    cookie = browser.get_cookie("session")
    assert cookie["httpOnly"] is True
    assert cookie["sameSite"] == "Lax"


def test_uploads_keeps_pictures_and_refuses_the_rest(serve, open_browser, find, see, tmp_path):
    browser = open_browser()
    url = serve("uploads").url
    picture = processes.EXAMPLES / "profiles" / "static" / "lighthouse.png"

    def put(path):
        browser.get(url)
        find(browser, "#picture").send_keys(str(path))
        find(browser, "button").click()

    browser.get(url)
    see(browser, "The box is empty.")
    put(picture)
    see(browser, "lighthouse.png is in the box.", ".flash")
    width = "return document.querySelector('#pictures img').naturalWidth"
    image = find(browser, "#pictures img")
    browser.execute_async_script("arguments[0].decode().then(arguments[1], arguments[1])", image)
    assert browser.execute_script(width) == 160
    put(picture)
    see(browser, "lighthouse-2.png is in the box.", ".flash")

    notes = tmp_path / "notes.txt"
    notes.write_text("not a picture")
    put(notes)
    see(browser, "That did not work", "h1")
    see(browser, "“notes.txt” is not a kind of picture we know.")
    big = tmp_path / "big.png"
    big.write_bytes(picture.read_bytes() + bytes(8 * 1024 * 1024))
    put(big)
    see(browser, "Too big", "h1")
    find(browser, ".button").click()
    see(browser, "Picture box", "h1")
    assert len(browser.find_elements("css selector", "#pictures li")) == 2


def test_two_browsers_chat(serve, open_browser, find, see):
    url = serve("chat").url
    ada, bob = open_browser(), open_browser()
    for browser, name in ((ada, "Ada"), (bob, "Bob")):
        browser.get(url)
        see(browser, "Nobody has said anything yet.")
        see(browser, "Connected", "#state")
        find(browser, "#name").send_keys(name)
    find(ada, "#message").send_keys("Hello Bob\n")
    see(bob, "Hello Bob", "#messages li")
    see(ada, "Hello Bob", "#messages li.mine")
    attack = "<img src=x onerror=alert(1)><b>hi</b>"
    find(bob, "#message").send_keys(attack)
    find(bob, "button").click()
    for browser in (ada, bob):
        see(browser, attack, "#messages li:nth-child(2) p")
        assert browser.find_elements("css selector", "#messages b, #messages img") == []
        assert len(browser.find_elements("css selector", "#messages time[datetime]")) == 2
        names = [e.text for e in browser.find_elements("css selector", "#messages strong")]
        assert names == ["Ada", "Bob"]
        assert errors(browser) == []


def test_chat_says_what_is_wrong_with_a_message(serve, open_browser, find, see):
    browser = open_browser()
    browser.get(serve("chat").url)
    see(browser, "Connected", "#state")
    find(browser, "button").click()
    see(browser, "Please fill in your name.", "#error")
    find(browser, "#name").send_keys("Ada")
    find(browser, "button").click()
    see(browser, "Please fill in your message.", "#error")
    long = "document.querySelector('#message').value = 'x'.repeat(501)"
    browser.execute_script(long)
    find(browser, "button").click()
    see(browser, "Your message has 501 characters; 500 is the most.", "#error")
    find(browser, "#message").clear()
    find(browser, "#message").send_keys("short\n")
    see(browser, "short", "#messages li")
    assert not browser.find_element("css selector", "#error").is_displayed()


def test_chat_comes_back_after_a_restart_of_the_server(serve, open_browser, find, see, monkeypatch):
    first = serve("chat")
    browser = open_browser()
    browser.get(first.url)
    find(browser, "#name").send_keys("Ada")
    find(browser, "#message").send_keys("before\n")
    see(browser, "before", "#messages li")
    first.stop(signal.SIGINT)
    see(browser, "No connection", "#state")
    monkeypatch.setattr(processes, "free_port", lambda: first.port)
    serve("chat")
    see(browser, "Connected", "#state")
    find(browser, "#message").send_keys("after\n")
    see(browser, "after", "#messages li:nth-child(2)")
    browser.refresh()
    see(browser, "before", "#messages li:nth-child(1)")
    assert find(browser, "#name").get_attribute("value") == "Ada"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_phone_and_follows_the_scheme(serve, open_browser, find, scheme):
    browser = open_browser()
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    wanted = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", wanted)
    for example in sorted(path.parent.name for path in processes.EXAMPLES.glob("*/app.py")):
        browser.get(serve(example).url)
        find(browser, "body")
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390, example
        colour = "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
        assert (sum(browser.execute_script(colour)) > 384) == (scheme == "light"), example
