"use strict";

const EVERY = 1000; // milliseconds between two questions

const form = document.querySelector("#say");
const list = document.querySelector("#messages");
const state = document.querySelector("#state");
const empty = document.querySelector("#empty");
const problem = document.querySelector("#error");

let latest = 0;

/** Shows one message. What people typed only ever becomes text, never HTML. */
function show({ id, name, text, sent_at }) {
  if (id <= latest) return;
  latest = id;
  const atTheEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;

  const item = document.createElement("li");
  item.style.setProperty("--hue", hueOf(name));
  item.classList.toggle("mine", name === form.elements.name.value.trim());
  const who = document.createElement("strong");
  who.textContent = name;
  const when = document.createElement("time");
  const moment = new Date(sent_at * 1000);
  when.dateTime = moment.toISOString();
  when.title = moment.toLocaleString();
  when.textContent = moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const what = document.createElement("p");
  what.textContent = text;
  item.append(who, when, what);
  list.append(item);

  if (atTheEnd) list.scrollTop = list.scrollHeight;
}

/** A colour for a name, the same in every browser. */
function hueOf(name) {
  let hue = 0;
  for (const letter of name) hue = (hue * 37 + letter.codePointAt(0)) % 360;
  return hue;
}

async function askForNews() {
  try {
    const answer = await fetch(`${form.action}?after=${latest}`);
    if (!answer.ok) throw new Error(answer.status);
    for (const message of await answer.json()) show(message);
    empty.hidden = latest > 0;
    say(state, "Connected");
    document.body.classList.remove("lost");
  } catch {
    say(state, "No connection. Trying again…");
    document.body.classList.add("lost");
  }
}

async function keepAsking() {
  await askForNews();
  setTimeout(keepAsking, EVERY);
}

/** Sends a message; returns what is wrong with it, or nothing. */
async function send() {
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name: form.elements.name.value, message: form.elements.message.value }),
    });
    return answer.ok ? "" : (await answer.json()).error;
  } catch {
    return "The message could not be sent. Is the server running?";
  }
}

/** Writes a text only when it changed, so that screen readers are not told twice. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  localStorage.setItem("name", form.elements.name.value.trim());
  const wrong = await send();
  say(problem, wrong);
  problem.hidden = !wrong;
  list.scrollTop = list.scrollHeight;
  if (wrong) return;
  form.elements.message.value = "";
  form.elements.message.focus();
  await askForNews();
});

form.elements.name.value = localStorage.getItem("name") ?? "";
keepAsking();
