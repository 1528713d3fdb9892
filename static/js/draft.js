import { put } from "./autosave.js";
import { each, make } from "./dom.js";
import { toast } from "./toast.js";
import { clock, word } from "./words.js";

const PREFIX = "draft:";
const A_WEEK = 7 * 86_400_000;

export function forget(key) {
  window.localStorage.removeItem(PREFIX + key);
}

function read(key) {
  try {
    const kept = JSON.parse(window.localStorage.getItem(PREFIX + key));
    return kept && Date.now() - kept.at < A_WEEK ? kept : null;
  } catch {
    return null;
  }
}

// What is typed stays on the device until the server has it, so that a tunnel costs nothing.
function start(form) {
  const key = form.dataset.draft;
  const blank = new FormData(form);
  const kept = read(key);
  let isDropped = false;
  // A form that comes back refused holds what was typed last: that is kept, nothing is restored.
  const isPosted = "draftPosted" in form.dataset;
  const names = new Set(isPosted && kept ? Object.keys(kept.fields) : []);
  const isNews = kept && !isPosted && Object.entries(kept.fields).some(([name, value]) => blank.get(name) !== value);
  if (isNews) {
    for (const [name, value] of Object.entries(kept.fields)) put(form, name, value);
    const discard = make("button", { type: "button" }, word("discard"));
    const line = toast(word("restored", { time: clock(kept.at) }), discard);
    discard.addEventListener("click", () => {
      forget(key);
      isDropped = true;
      for (const name of Object.keys(kept.fields)) put(form, name, blank.get(name) ?? "");
      isDropped = false;
      forget(key);
      line.remove();
    });
  }
  function store() {
    if (isDropped) return;
    const fields = {};
    for (const [name, value] of new FormData(form)) {
      const isTyped = names.has(name) || value !== blank.get(name);
      if (typeof value === "string" && name !== "csrfmiddlewaretoken" && isTyped) fields[name] = value;
    }
    if (Object.keys(fields).length) window.localStorage.setItem(PREFIX + key, JSON.stringify({ at: Date.now(), fields }));
    else forget(key);
  }
  form.addEventListener("input", store);
  if (isPosted) store();
  form.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    toast(word("offline"));
  });
}

export function drafts() {
  each("form[data-draft]", start);
  each("[data-clear-drafts]", (form) => form.addEventListener("submit", () => {
    for (const key of Object.keys(window.localStorage)) if (key.startsWith(PREFIX)) window.localStorage.removeItem(key);
  }));
}
