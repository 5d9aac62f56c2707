// Reloads this page when the program has started anew or a template was saved; style sheets are
// fetched again without losing the page.
"use strict";
(() => {
  if (window.costrelLive) return;
  window.costrelLive = true;
  const place = new URL(document.currentScript.src);
  place.pathname = place.pathname.replace(/\.js$/, "");
  place.search = "";
  const channel = new URL(place);
  channel.protocol = place.protocol.replace("http", "ws");
  let start = null;
  let pause = 100;

  const swapStyles = () => {
    for (const old of document.querySelectorAll('link[rel~="stylesheet"]')) {
      const url = new URL(old.href);
      if (url.origin !== place.origin) continue;
      url.searchParams.set("costrel", Date.now());
      const fresh = old.cloneNode();
      fresh.href = url;
      fresh.addEventListener("load", () => old.remove(), { once: true });
      fresh.addEventListener("error", () => fresh.remove(), { once: true });
      old.after(fresh);
    }
  };

  const note = (told) => {
    if (told.reload || (start !== null && told.start && told.start !== start)) location.reload();
    else if (told.styles) swapStyles();
    if (told.start) start = told.start;
  };

  // While the program starts this waits; while it cannot, the supervisor answers.
  const ask = async () => {
    try {
      const answer = await fetch(place, { cache: "no-store", credentials: "omit" });
      note(await answer.json());
      pause = 100;
    } catch {
      pause = Math.min(pause * 1.5, 3000);
    }
    setTimeout(connect, pause);
  };

  const connect = () => {
    const socket = new WebSocket(channel);
    socket.addEventListener("message", (event) => note(JSON.parse(event.data)));
    socket.addEventListener("close", ask, { once: true });
  };
  connect();
})();
