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
