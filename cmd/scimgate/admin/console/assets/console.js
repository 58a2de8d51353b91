// What the console does in the browser beyond links and forms: copying, and
// keeping a page up to date. Everything else works without it.
"use strict";

document.documentElement.classList.add("js");

// Copy the field that a button names, and say so for a moment.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    document.execCommand("copy"); // no clipboard without HTTPS
  }
  const word = button.querySelector("span");
  const before = button.dataset.before ?? word.textContent;
  button.dataset.before = before;
  word.textContent = button.dataset.copied;
  setTimeout(() => { word.textContent = before; }, 1800);
});

// Keep what is marked data-live as the server has it: when told that something
// changed, ask for this page again and put the marked parts in place.
const main = document.getElementById("main");
if (main?.dataset.events && document.querySelector("[data-live]")) {
  let busy = false;
  let again = false;

  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { "X-Refresh": "1" } });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-live]")) {
        const next = fresh.getElementById(part.id);
        if (next && next.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) part.replaceChildren(...next.childNodes);
      }
    } finally {
      busy = false;
      if (again) { again = false; refresh(); }
    }
  };

  const source = new EventSource(main.dataset.events);
  source.addEventListener("changed", refresh);
  addEventListener("pagehide", () => source.close());
}

// Try rules, and say how far that is: the answer comes line by line, with the page
// as the last.
const part = (page, id) => new DOMParser().parseFromString(page, "text/html").getElementById(id);

const follow = async (answer, told) => {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ;) {
    const { value, done } = await reader.read();
    const lines = (rest + (value ?? "")).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const { text, page } = JSON.parse(line);
      if (page) return page;
      told.textContent = text;
    }
    if (done) return "";
  }
};

document.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (!button?.dataset.preview) return;
  event.preventDefault();
  const place = document.getElementById(button.dataset.preview);
  const told = document.createElement("p");
  told.setAttribute("role", "status");
  told.className = "tally busy";
  place.replaceChildren(told);
  button.disabled = true;
  try {
    const answer = await fetch(button.formAction, {
      method: "POST", headers: { Accept: "application/x-ndjson" }, body: new URLSearchParams(new FormData(event.target)),
    });
    if (answer.headers.get("Content-Type") !== "application/x-ndjson") {
      main.replaceChildren(...part(await answer.text(), "main").childNodes);
      return;
    }
    const page = await follow(answer, told);
    if (page) place.replaceChildren(...part(page, place.id).childNodes);
    place.focus();
  } finally {
    button.disabled = false;
  }
});
