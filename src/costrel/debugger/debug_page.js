// The debug page: copying, the console in each frame, running the request again.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("costrel").textContent);
  const KEPT = "costrel-debug-token";
  const one = (css, within = document) => within.querySelector(css);

  // The token: from the link in the terminal, or typed in; kept for this origin until it changes.
  const fragment = new URLSearchParams(location.hash.slice(1));
  let token = fragment.get("token") || "";
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) || "{}");
    if (token) localStorage.setItem(KEPT, JSON.stringify({ token, mark: data.mark }));
    else if (kept.mark === data.mark) token = kept.token;
  } catch { /* storage may be off: then the token lasts as long as the page */ }
  if (location.hash.includes("token=")) history.replaceState(null, "", location.pathname + location.search);

  const forget = () => {
    token = "";
    try { localStorage.removeItem(KEPT); } catch { /* as above */ }
  };

  const ask = (why) => new Promise((done) => {
    const dialog = one("dialog");
    one("p", dialog).textContent = why;
    const field = one("input", dialog);
    field.value = "";
    dialog.showModal();
    dialog.addEventListener("close", () => {
      token = dialog.returnValue === "use" ? field.value.trim() : "";
      if (token) try { localStorage.setItem(KEPT, JSON.stringify({ token, mark: data.mark })); } catch { /* as above */ }
      done(token);
    }, { once: true });
  });

  const call = async (what, body) => {
    if (!token && !await ask("The token is printed in the terminal, with the error.")) {
      return { refused: "A token is needed." };
    }
    let answer;
    try {
      answer = await fetch(`${data.prefix}/${what}`, {
        method: "POST", credentials: "omit", cache: "no-store",
        headers: { "Content-Type": "application/json", "X-Costrel-Token": token },
        body: JSON.stringify(body),
      });
    } catch {
      return { refused: "The program does not answer. Is it starting anew?" };
    }
    const told = await answer.json().catch(() => ({ refused: `It answered ${answer.status}.` }));
    if (answer.status === 403) forget();
    return told;
  };

  // Copy
  one("#copy")?.addEventListener("click", async (event) => {
    const text = one("#text").textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      one("#text").closest("details").open = true;
      getSelection().selectAllChildren(one("#text"));
    }
    event.target.textContent = "Copied";
    setTimeout(() => { event.target.textContent = "Copy as text"; }, 1500);
  });

  // The console
  for (const box of document.querySelectorAll(".console")) {
    const field = one("textarea", box), out = one("pre", box);
    const past = [];
    let at = 0;
    const say = (text, kind) => {
      if (!text) return;
      const part = document.createElement("span");
      part.className = kind;
      part.textContent = text.endsWith("\n") ? text : `${text}\n`;
      out.append(part);
      out.hidden = false;
      out.scrollTop = out.scrollHeight;
    };
    field.addEventListener("keydown", async (event) => {
      if (event.key === "ArrowUp" && past.length && !field.value.includes("\n")) {
        at = Math.max(0, at - 1);
        field.value = past[at];
        event.preventDefault();
      } else if (event.key === "ArrowDown" && past.length && !field.value.includes("\n")) {
        at = Math.min(past.length, at + 1);
        field.value = past[at] ?? "";
        event.preventDefault();
      }
      const opens = /[:({[\\,]\s*$/.test(field.value) || (field.value.includes("\n") && !/\n\s*$/.test(field.value));
      if (event.key !== "Enter" || event.shiftKey || (opens && !event.ctrlKey && !event.metaKey)) return;
      event.preventDefault();
      const code = field.value;
      if (!code.trim()) return;
      past.push(code);
      at = past.length;
      field.value = "";
      say(`>>> ${code.trimEnd().replaceAll("\n", "\n... ")}`, "in");
      const told = await call("run", { error: data.error, frame: Number(box.dataset.frame), code });
      say(told.refused ?? told.output, told.refused ? "bad" : "");
      // A dialog that has closed keeps the keyboard until the focus moves.
      field.blur();
      field.focus({ preventScroll: true });
    });
  }

  // Run it again, make a test of it
  const outcome = one("#outcome");
  const tell = (text, kind, link) => {
    outcome.className = `outcome ${kind}`;
    outcome.textContent = text;
    if (link) {
      const more = document.createElement("a");
      more.href = link;
      more.textContent = "Show this error.";
      outcome.append(" ", more);
    }
    outcome.hidden = false;
  };
  const again = one("#again"), test = one("#test");
  const replay = async () => {
    again.disabled = true;
    tell("Running it again …", "");
    const told = await call("replay", { request: data.request });
    again.disabled = false;
    if (told.refused) tell(told.refused, "fails");
    else if (told.passes) tell(`It passes now: ${told.status}.`, "passes");
    else tell(`It still fails: ${told.error ?? told.status}`, "fails", told.link);
  };
  again?.addEventListener("click", replay);
  test?.addEventListener("click", async () => {
    test.disabled = true;
    const told = await call("test", { request: data.request });
    test.disabled = false;
    tell(told.refused ?? `Written: ${told.path}. Run it with: ${told.command}`, told.refused ? "fails" : "passes");
  });

  // When the program has started anew, a request that changes nothing is run again by itself.
  // The development server tells of a start without logging that it was asked; others do not know.
  const known = { [`${data.prefix}/start`]: data.start };
  const places = ["/__costrel__/live", `${data.prefix}/start`];
  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(places[0], { cache: "no-store", credentials: "omit" });
      if (answer.status === 404 && places.length > 1) places.shift();
      if (!answer.ok) return;
      const { start } = await answer.json();
      const before = known[places[0]] ?? start;
      known[places[0]] = start;
      if (start === before) return;
      if (token && data.safe) await replay();
      else tell("The program has started anew. Run the request again?", "");
    } catch { /* it is starting */ }
  };
  const watch = async () => {
    await look();
    setTimeout(watch, places.length > 1 ? 700 : 3000);
  };
  if (again) watch();
})();
