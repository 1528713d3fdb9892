// The room's screen: its clock, the code's seconds, and what changes while people sign in.
import { each } from "./dom.js";
import { announce, clock } from "./words.js";

const LOOKS_EVERY = 3000;
const MINUTE = 60_000;
const NUMBER_LIVES = 10_000;

// The server's time when the page was made, and the device's clock only for what passed since.
function runClock(element) {
  const offset = Date.parse(element.dataset.now) - Date.now();
  const until = Date.parse(element.dataset.until ?? "");
  const since = Date.parse(element.dataset.since ?? "");
  const time = element.querySelector(".room-time");
  const rest = element.querySelector("[data-rest]");
  const bar = element.querySelector("progress");
  const tick = () => {
    const now = Date.now() + offset;
    time.textContent = clock(now).slice(0, 5);
    if (!Number.isNaN(until)) {
      const isPast = now >= until;
      const minutes = isPast ? Math.floor((now - until) / MINUTE) : Math.ceil((until - now) / MINUTE);
      rest.textContent = `${document.documentElement.lang === "en" ? ", " : "，"}${(isPast ? element.dataset.past : element.dataset.left).replace("{n}", minutes)}`;
      element.classList.toggle("is-over", isPast && Boolean(bar));
    }
    if (bar && !Number.isNaN(since)) bar.value = Math.min(100, Math.max(0, ((now - since) / (until - since)) * 100));
  };
  window.setInterval(tick, 1000);
  tick();
}

// A code lives a minute; then the next one is asked for, and again until it comes. Beside it stands
// a number, another every ten seconds: those of the minute came with the code.
function runCode(element) {
  const left = element.querySelector("[data-code-left]");
  const shown = element.querySelector("[data-code-number]");
  const numbers = element.dataset.numbers.trim().split(" ");
  const stood = Date.parse(element.dataset.made) - Date.parse(element.dataset.numbersFrom);
  const began = Date.now();
  const lives = Number(left.textContent) * 1000;
  let asked = 0;
  const timer = window.setInterval(() => {
    if (!element.isConnected) { window.clearInterval(timer); return; }
    const remains = Math.max(0, Math.ceil((began + lives - Date.now()) / 1000));
    left.textContent = remains;
    shown.textContent = numbers[Math.floor((stood + Date.now() - began) / NUMBER_LIVES)] ?? "";
    element.classList.toggle("is-ended", remains === 0);
    if (remains === 0 && Date.now() - asked > LOOKS_EVERY) {
      asked = Date.now();
      element.dispatchEvent(new CustomEvent("new-code"));
    }
  }, 250);
}

// Only what differs is replaced, so that a tile keeps its place and what is typed in it.
function watch(element) {
  const address = element.dataset.roomLive;
  const offline = document.querySelector("[data-room-offline]");
  let isBusy = false;

  const take = (fresh) => {
    const state = fresh.getElementById("room-state")?.dataset.state;
    const known = document.getElementById("room-state")?.dataset.state;
    if (state !== known && !document.querySelector("dialog[open], details[open]")) { window.location.reload(); return; }
    for (const next of fresh.querySelectorAll("[data-live]")) {
      const now = document.getElementById(next.id);
      if (!now || now.dataset.stamp === next.dataset.stamp || now.querySelector("details[open]")) continue;
      if (next.id === "room-count") {
        now.textContent = next.textContent;
        now.dataset.stamp = next.dataset.stamp;
        continue;
      }
      const copy = document.importNode(next, true);
      now.replaceWith(copy);
      window.htmx?.process(copy);
      if (next.id === "room-refused" && next.textContent.trim()) announce(next.textContent.trim());
    }
  };

  const look = async () => {
    if (isBusy || document.hidden) return;
    isBusy = true;
    try {
      const answer = await fetch(address, { credentials: "same-origin", headers: { "X-Requested-With": "room" } });
      if (answer.status === 401) { window.location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      take(new DOMParser().parseFromString(await answer.text(), "text/html"));
      offline.hidden = true;
    } catch {
      offline.hidden = false;
    } finally {
      isBusy = false;
    }
  };

  document.body.addEventListener("htmx:afterSwap", (event) => {
    // Whoever works with the keys goes on where the tile was.
    const tile = document.getElementById(event.detail.target?.id ?? "");
    if (tile?.matches(".tile") && document.activeElement === document.body) tile.querySelector("summary, .mark-btn")?.focus();
    look();
  });
  document.addEventListener("visibilitychange", look);
  if (element.hasAttribute("data-room-still")) return;
  window.setInterval(look, LOOKS_EVERY);
}

function opens(button) {
  const dialog = document.getElementById(button.dataset.opens);
  button.addEventListener("click", () => dialog.showModal());
}

each("[data-room-clock]", runClock);
each("[data-room-code]", runCode);
each("[data-room-live]", watch);
each("[data-opens]", opens);
each("dialog[data-opens-now]", (dialog) => {
  dialog.showModal();
  dialog.querySelector(".is-wrong :is(input, select)")?.focus();
});
