import { each, glyph } from "./dom.js";
import { send } from "./http.js";
import { chooseVersions } from "./versions.js";
import { announce, clock, word } from "./words.js";

const QUIET = 800;
const LONGEST_WAIT = 30_000;
const LEFT_WITHIN = 60_000;
const LEFT = "left:";
let isHandedOn = true;

// The values of a form by name; a box is true or false, several boxes of one name a list.
function valuesOf(form) {
  const values = {};
  for (const field of form.elements) {
    if (!field.name || field.type === "file" || field.name === "csrfmiddlewaretoken" || field.matches("button, fieldset")) continue;
    if (field.type === "radio") { if (field.checked || !(field.name in values)) values[field.name] = field.checked ? field.value : ""; }
    else if (field.type !== "checkbox") values[field.name] = field.value;
    else if (form.querySelectorAll(`[type=checkbox][name="${CSS.escape(field.name)}"]`).length === 1) values[field.name] = field.checked;
    else values[field.name] = [...(values[field.name] ?? []), ...(field.checked ? [field.value] : [])];
  }
  return values;
}

export function put(form, name, value) {
  for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (field.type === "radio") field.checked = field.value === value;
    else if (field.type === "checkbox") field.checked = Array.isArray(value) ? value.includes(field.value) : Boolean(value);
    else field.value = value ?? "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

const freshKey = () => [...crypto.getRandomValues(new Uint32Array(3))].map((each) => each.toString(36).padStart(7, "0")).join("");

// A page that leaves while something is unsaved hands on to the next page of the same tab which
// window it is and what it said last: the server may not have it yet. Only one page takes it.
function handOn(url, left) {
  if (!isHandedOn) return;
  try { window.sessionStorage.setItem(LEFT + url, JSON.stringify({ ...left, at: Date.now() })); } catch { /* storage is off */ }
}

function takeOver(url) {
  try {
    const left = JSON.parse(window.sessionStorage.getItem(LEFT + url));
    window.sessionStorage.removeItem(LEFT + url);
    return left && Date.now() - left.at < LEFT_WITHIN ? left : null;
  } catch {
    return null;
  }
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function start(form) {
  const url = form.dataset.autosaveUrl;
  const method = form.dataset.autosaveMethod ?? "PATCH";
  const places = document.querySelectorAll("[data-saved]");
  const left = takeOver(url);
  let version = form.dataset.version ?? null;
  let stored = valuesOf(form);
  let key = left?.key ?? freshKey(), sequence = left?.sequence ?? 0;
  let underway = {}, owed = {};
  let saving = Promise.resolve();
  let timer = 0, wait = 0, isBusy = false, isStale = false, isLeaving = false;

  function say(text, shape, isFailing = false) {
    for (const place of places) {
      if (place.textContent === text) continue;
      place.classList.toggle("is-failing", isFailing);
      const line = document.createElement("span");
      line.textContent = text;
      place.replaceChildren(glyph(shape), line);
    }
  }

  function changes() {
    const now = valuesOf(form);
    return { ...owed, ...Object.fromEntries(Object.entries(now).filter(([name, value]) => !same(value, stored[name]))) };
  }

  // A save says which window it is and its how-manieth: one that comes after another of the same
  // window follows it, although both were typed on the same version.
  function request(fields, keepalive = false) {
    sequence += 1;
    return send(url, { method, body: { version, fields, window: key, sequence }, keepalive });
  }

  const isUnsaved = () => isBusy || Object.keys(changes()).length > 0;

  function later(delay) {
    window.clearTimeout(timer);
    timer = window.setTimeout(save, delay);
  }

  function retry(text = word("unsaved")) {
    say(text, "alert", true);
    wait = Math.min(LONGEST_WAIT, Math.max(2000, wait * 2));
    later(wait);
  }

  function save() {
    window.clearTimeout(timer);
    const fields = changes();
    if (isStale || isLeaving || !Object.keys(fields).length) return Promise.resolve();
    if (isBusy) { later(QUIET); return saving; }
    isBusy = true;
    underway = fields;
    saving = sent(fields);
    return saving;
  }

  async function sent(fields) {
    let answer;
    try {
      answer = await request(fields);
    } catch {
      isBusy = false;
      retry();
      return;
    }
    isBusy = false;
    if (answer.isDone) keep(fields, answer.body);
    else if (answer.status === 409 || answer.status === 412) await settle(answer.body.current ?? answer.body);
    else if (answer.status === 401 || answer.status === 403) retry(word("signed-out"));
    else if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) say(word("refused", { why: reason(answer.body) }), "alert", true);
    else retry();
  }

  function keep(fields, body) {
    wait = 0;
    Object.assign(stored, fields);
    for (const name of Object.keys(fields)) delete owed[name];
    // What followed from it on the server (numbers computed anew) is shown and stands as saved.
    for (const [name, value] of Object.entries(body.fields ?? {})) {
      stored[name] = value;
      if (document.activeElement?.name !== name) put(form, name, value);
    }
    if (body.version !== undefined) takeVersion(body.version);
    say(word("saved", { time: clock(body.saved_at) }), "done");
    form.dispatchEvent(new CustomEvent("autosaved", { bubbles: true, detail: body }));
    if (Object.keys(changes()).length) later(QUIET);
  }

  function takeVersion(value) {
    version = value;
    form.dataset.version = value;
    const hidden = form.elements.namedItem("version");
    if (hidden) { hidden.value = value; stored.version = String(value); }
  }

  async function settle(current) {
    isStale = true;
    say(word("stale"), "alert", true);
    announce(word("stale"));
    const mine = changes();
    const theirs = current.fields ?? current.body ?? {};
    const chosen = await chooseVersions(form, mine, theirs);
    takeVersion(current.version);
    Object.assign(stored, theirs);
    for (const [name, value] of Object.entries({ ...theirs, ...chosen })) put(form, name, value);
    isStale = false;
    wait = 0;
    if (Object.keys(changes()).length) await save();
    else say(word("saved", { time: clock(current.saved_at ?? Date.now()) }), "done");
  }

  // Fields that htmx brings into the form stand as the server has them.
  form.addEventListener("htmx:load", ({ detail }) => {
    const now = valuesOf(form);
    for (const { name } of detail.elt.querySelectorAll("[name]")) if (name in now) stored[name] = now[name];
  });
  form.addEventListener("input", () => { if (!isStale) later(QUIET); });
  form.addEventListener("change", () => { if (!isStale) later(QUIET); });
  form.addEventListener("focusout", () => { if (!isStale && !wait) save(); });
  // Leaving the last field saves, and the button comes a moment later: the form waits for that
  // save, or it would carry the version of before and be taken for another window.
  form.addEventListener("submit", (event) => {
    if (!isBusy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    saving.then(() => { if (!isStale) form.requestSubmit(event.submitter); });
  }, { capture: true });
  form.addEventListener("submit", (event) => { window.setTimeout(() => { isLeaving = !event.defaultPrevented; }); });
  window.addEventListener("pageshow", ({ persisted }) => {
    isLeaving = false;
    // Brought back as it was: still this window, unless another page has taken over from it.
    if (persisted && takeOver(url)?.key !== key) key = freshKey();
  });
  window.addEventListener("online", save);
  window.addEventListener("pagehide", () => {
    if (isStale || isLeaving || !isUnsaved()) return;
    // What a save under way has said is said again as it stands now: either may come first.
    const now = valuesOf(form);
    const fields = changes();
    if (isBusy) for (const [name, value] of Object.entries(underway)) fields[name] = name in now ? now[name] : value;
    request(fields, true).catch(() => {});
    handOn(url, { key, sequence, fields });
  });
  window.addEventListener("beforeunload", (event) => { if (!isLeaving && isUnsaved()) event.preventDefault(); });
  // What the page before said last and this one does not show yet; rows it lacks are only sent.
  const known = valuesOf(form);
  for (const [name, value] of Object.entries(left?.fields ?? {})) {
    if (!(name in known)) owed[name] = value;
    else if (!same(value, known[name])) put(form, name, value);
  }
  if (Object.keys(changes()).length) later(QUIET);
}

function reason(body) {
  const errors = body.errors ?? body.detail ?? body;
  const [first] = typeof errors === "string" ? [errors] : Object.values(errors).flat();
  return typeof first === "string" ? first : first?.message ?? word("failed");
}

export function autosave() {
  each("form[data-autosave-url]", start);
  // Whoever signs out leaves nothing to whoever comes next.
  each("[data-clear-drafts]", (form) => form.addEventListener("submit", () => {
    isHandedOn = false;
    for (const name of Object.keys(window.sessionStorage)) if (name.startsWith(LEFT)) window.sessionStorage.removeItem(name);
  }));
}
