"""What the tests of servers ask for: each kind of answer, and a log of what became of it."""

import asyncio
import gc
import os
import threading
import time
from pathlib import Path

import costrel
import costrel.serve.context
from costrel import EventStream, ServerSentEvent, g, request, session, websocket

app = costrel.Flask(__name__)
app.secret_key = "a key of more than sixteen bytes"
log: list[str] = []


def note(text):
    """To the log, and to a file that outlives the process."""
    log.append(text)
    with Path(os.environ["PROTOCOLS_LOG"]).open("a") as file:
        file.write(f"{text}\n")


@app.before_serving
async def start():
    note("started")


@app.after_serving
async def stop():
    note("stopped")


@app.before_request
def begin():
    g.path = request.path


@app.teardown_request
def end(error):
    if request.path.startswith("/stream") or "slow" in request.path:
        note(f"torn down {g.path} {type(error).__name__}")


@app.route("/")
def sync_view():
    return "sync"


@app.route("/async")
async def async_view():
    await asyncio.sleep(0)
    return "async"


@app.route("/own-loop")
def own_loop():
    async def own():
        await asyncio.sleep(0.02)
        return "own"

    return asyncio.run(own())


@app.route("/form", methods=["POST"])
async def form():
    return {
        "form": request.form,
        "files": {name: len(f.read()) for name, f in request.files.items()},
    }


@app.route("/count", methods=["POST"], stream_body=True)
async def count():
    return str(sum([len(chunk) async for chunk in request.stream]))


@app.route("/session")
def visits():
    session["n"] = session.get("n", 0) + 1
    return str(session["n"])


@app.route("/stream/sync")
def stream_sync():
    def chunks():
        try:
            for number in range(int(request.args["n"])):
                yield f"{g.path} {number}\n"
                time.sleep(0.05)
        finally:
            note(f"closed {g.path}")

    return chunks()


@app.route("/stream/async")
async def stream_async():
    async def chunks():
        try:
            for number in range(int(request.args["n"])):
                yield f"{g.path} {number}\n"
                await asyncio.sleep(0.05)
        finally:
            note(f"closed {g.path}")

    return chunks()


@app.route("/breaks/sync")
def breaks_sync():
    yield "begun"
    raise LookupError("broken off")


@app.route("/breaks/async")
async def breaks_async():
    async def chunks():
        yield "begun"
        raise LookupError("broken off")

    return chunks()


@app.sse("/events", heartbeat=0.1)
async def events():
    try:
        yield {"last": request.last_event_id}
        await asyncio.sleep(60)
    finally:
        note("closed /events")


@app.sse("/numbers", retry=50)
async def numbers():
    """Two numbers, then the connection ends; the browser comes back for the next two."""
    first = int(request.last_event_id or 0) + 1
    for number in (first, first + 1):
        yield ServerSentEvent({"n": number}, event="number", id=number)


@app.route("/page")
def page():
    return """<!doctype html><title>page</title><script>
    window.numbers = []; window.messages = [];
    const source = new EventSource("/numbers");
    source.addEventListener("number", event => {
        window.numbers.push([JSON.parse(event.data).n, event.lastEventId]);
        if (window.numbers.length >= 6) source.close();
    });
    if (location.hash === "#ws") {
        const socket = new WebSocket(`ws://${location.host}/ws/den`);
        socket.onopen = () => socket.send("h\u00e9");
        socket.onmessage = event => { window.messages.push(event.data); socket.close(); };
    }
    </script>"""


@app.route("/events/sync")
def sync_events():
    def made():
        try:
            while True:
                yield "tick"
                time.sleep(0.1)
        finally:
            note("closed /events/sync")

    return EventStream(made())


@app.route("/slow")
def slow():
    time.sleep(1.5)
    return "slow"


@app.route("/slow/async")
async def slow_async():
    await asyncio.sleep(1.5)
    return "slow"


@app.route("/job")
def job():
    async def later():
        await asyncio.sleep(1)
        note("job done")

    app.spawn(later)
    return "job"


@app.websocket("/ws/<room>")
async def echo(room):
    async for message in websocket:
        await websocket.send(message if isinstance(message, bytes) else f"{room}: {message}")
    note("left")


@app.websocket("/sync/<room>")
def sync_echo(room):
    for message in websocket:
        websocket.send(f"{room}: {message}")
    note("left")


@app.websocket("/chat")
async def chat():
    await websocket.accept("chat", headers={"X-Room": "den"})
    await websocket.close(4001, "bye")


@app.route("/log")
def read_log():
    return log


@app.route("/left")
def left():
    """What the process holds at this moment."""
    gc.collect()
    contexts = [
        one for one in gc.get_objects() if isinstance(one, costrel.serve.context.AppContext)
    ]
    tasks = [one for one in gc.get_objects() if isinstance(one, asyncio.Task) and not one.done()]
    status = Path("/proc/self/status").read_text()
    memory = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return {
        "threads": sorted(
            thread.name for thread in threading.enumerate() if "events" in thread.name
        ),
        "tasks": len(tasks),
        "files": len(os.listdir("/proc/self/fd")),
        "contexts": len(contexts),
        "kilobytes": int(memory.split()[1]),
    }
