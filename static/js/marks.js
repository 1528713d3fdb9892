import { each, glyph, make } from "./dom.js";
import { send } from "./http.js";
import { announce, clock, word } from "./words.js";

const QUIET = 800;
const LONGEST_WAIT = 30_000;

// Marks are saved cell by cell; what cannot be saved stays where it was typed, with its reason.
function start(form) {
  const cells = [...form.querySelectorAll("[data-grid] input[data-seen]")];
  if (!cells.length) return;
  const errors = form.querySelector("[data-marks-errors]");
  const place = form.querySelector("[data-saved]");
  const stored = new Map(cells.map((cell) => [cell, cell.hasAttribute("aria-invalid") ? null : cell.value]));
  const refused = new Map();
  let timer = 0, wait = 0, isBusy = false, isLeaving = false;

  const isChanged = (cell) => cell.value.trim() !== stored.get(cell) && cell.value.trim() !== refused.get(cell);

  function say(text, shape, isFailing = false) {
    place.classList.toggle("is-failing", isFailing);
    const line = document.createElement("span");
    line.textContent = text;
    place.replaceChildren(glyph(shape), line);
  }

  function later(delay) {
    window.clearTimeout(timer);
    timer = window.setTimeout(save, delay);
  }

  function retry(text = word("unsaved")) {
    say(text, "alert", true);
    wait = Math.min(LONGEST_WAIT, Math.max(2000, wait * 2));
    later(wait);
  }

  const bodyOf = (changed) => ({
    basis: form.elements.namedItem("basis")?.value ?? "",
    cells: changed.map((cell) => ({ name: cell.name, value: cell.value.trim(), seen: cell.dataset.seen })),
  });

  async function save() {
    window.clearTimeout(timer);
    const changed = cells.filter(isChanged).slice(0, 400);
    if (!changed.length || isBusy || isLeaving) return;
    isBusy = true;
    const sent = new Map(changed.map((cell) => [cell.name, cell.value.trim()]));
    let answer;
    try {
      answer = await send(form.dataset.marks, { method: "POST", body: bodyOf(changed) });
    } catch {
      isBusy = false;
      retry();
      return;
    }
    isBusy = false;
    if (answer.isDone) keep(answer.body, sent);
    else if (answer.status === 401 || answer.status === 403) retry(word("signed-out"));
    else if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
      say(word("refused", { why: Object.values(answer.body.errors ?? {}).flat()[0] ?? word("failed") }), "alert", true);
    } else retry();
  }

  function keep(body, sent) {
    wait = 0;
    let saved = 0;
    for (const told of body.cells) {
      const cell = form.elements.namedItem(told.name);
      if (!(cell instanceof HTMLInputElement)) continue;
      if (told.state === "saved" || told.state === "unchanged") {
        saved += 1;
        cell.dataset.seen = told.seen;
        stored.set(cell, told.value);
        refused.delete(cell);
        if (cell.value.trim() === sent.get(told.name)) cell.value = told.value;
        settle(cell, told.state === "saved" ? clock(body.saved_at) : null);
      } else {
        refused.set(cell, sent.get(told.name));
        complain(cell, told);
      }
    }
    if (saved) say(word("saved", { time: clock(body.saved_at) }), "done");
    if (cells.some(isChanged)) later(QUIET);
  }

  function settle(cell, time) {
    cell.removeAttribute("aria-invalid");
    cell.removeAttribute("aria-describedby");
    const box = cell.closest("td");
    box.classList.remove("is-wrong");
    if (time !== null) { box.classList.add("is-saved"); box.querySelector("[data-note]").textContent = time; }
    errors.querySelector(`[data-for="${CSS.escape(cell.id)}"]`)?.remove();
    errors.classList.toggle("is-empty", !errors.querySelector("li"));
  }

  function complain(cell, told) {
    cell.setAttribute("aria-invalid", "true");
    cell.setAttribute("aria-describedby", `${cell.id}-why`);
    const box = cell.closest("td");
    box.classList.remove("is-saved");
    box.classList.add("is-wrong");
    errors.querySelector(`[data-for="${CSS.escape(cell.id)}"]`)?.remove();
    const line = make("li", { "data-for": cell.id }, make("a", { href: `#${cell.id}`, id: `${cell.id}-why` }, form.dataset.line.replace("{label}", cell.getAttribute("aria-label")).replace("{text}", told.message)));
    if (told.state === "conflict") line.append(...choices(cell, told));
    errors.querySelector("ul").append(line);
    errors.classList.remove("is-empty");
    say(told.message, "alert", true);
    announce(told.message);
  }

  // Two raters of one person: what stands there now, or what was typed here.
  function choices(cell, told) {
    const take = make("button", { type: "button", class: "btn" }, form.dataset.take.replace("{value}", told.value || "–"));
    const mine = make("button", { type: "button", class: "btn" }, form.dataset.keep.replace("{value}", cell.value.trim() || "–"));
    take.addEventListener("click", () => {
      cell.value = told.value;
      cell.dataset.seen = told.seen;
      stored.set(cell, told.value);
      refused.delete(cell);
      settle(cell, null);
      cell.focus();
    });
    mine.addEventListener("click", () => {
      cell.dataset.seen = told.seen;
      stored.set(cell, null);
      refused.delete(cell);
      cell.focus();
      save();
    });
    return [take, mine];
  }

  form.addEventListener("input", (event) => { if (cells.includes(event.target)) later(QUIET); });
  form.addEventListener("focusin", (event) => { if (cells.includes(event.target)) event.target.select(); });
  form.addEventListener("focusout", (event) => { if (cells.includes(event.target) && !wait) save(); });
  form.addEventListener("submit", () => { isLeaving = true; });
  window.addEventListener("online", save);
  window.addEventListener("pagehide", () => {
    const changed = cells.filter(isChanged);
    if (changed.length && !isLeaving) send(form.dataset.marks, { method: "POST", body: bodyOf(changed), keepalive: true }).catch(() => {});
  });
  window.addEventListener("beforeunload", (event) => {
    if (!isLeaving && (isBusy || cells.some((cell) => cell.value.trim() !== stored.get(cell)))) event.preventDefault();
  });
}

each("form[data-marks]", start);
each("[data-script-hides]", (element) => { element.hidden = true; });
