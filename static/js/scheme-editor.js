// The editor of a scheme: items open where they stand; what a save brings back is shown in place.
import { announce } from "./words.js";

const form = document.getElementById("scheme-form");
const isControl = (element) => element?.matches("input, select, textarea, button, a") ?? false;

// The editor of an item, brought once; later it is only shown or hidden, so that nothing typed goes.
async function open(key, isToggled = false) {
  const body = document.getElementById(`editor-${key}`);
  const link = form.querySelector(`[data-opens="${CSS.escape(key)}"]`);
  if (!body || !link) return;
  if (!body.childElementCount) await window.htmx.ajax("GET", link.getAttribute("href"), { source: link, target: `#editor-${key}`, select: `#editor-${key}`, swap: "outerHTML" });
  else body.hidden = isToggled && !body.hidden;
  link.setAttribute("aria-expanded", String(!document.getElementById(`editor-${key}`).hidden));
}

function lead(id) {
  const target = document.getElementById(id);
  if (!target) return;
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  target.scrollIntoView({ block: "center" });
  if (isControl(target)) target.focus({ preventScroll: true });
}

function mark(cell, message) {
  const control = cell.querySelector(".form-control, .form-select, .form-check-input");
  const error = cell.querySelector(".field-error");
  cell.classList.toggle("is-wrong", Boolean(message));
  if (error) { error.textContent = message; error.hidden = !message; }
  if (message) control?.setAttribute("aria-invalid", "true"); else control?.removeAttribute("aria-invalid");
}

function show(answer) {
  const title = form.querySelector('[data-text="title"]')?.textContent;
  for (const place of form.querySelectorAll("[data-text]")) {
    const text = answer.texts?.[place.dataset.text];
    if (text !== undefined && place.textContent !== text) place.textContent = text;
  }
  if (answer.texts?.title && answer.texts.title !== title) announce(answer.texts.title);
  for (const cell of form.querySelectorAll("[data-cell]")) mark(cell, answer.errors?.[cell.dataset.cell] ?? "");
  for (const chip of form.querySelectorAll("[data-faults]")) {
    const count = answer.faults?.[chip.dataset.faults] ?? 0;
    chip.hidden = !count;
    const words = chip.querySelector("span");
    words.textContent = words.textContent.replace(/\d+/, String(count));
  }
  // Another question or name of an expression is another number to try with.
  for (const block of form.querySelectorAll("[data-tries]")) {
    const key = block.dataset.item;
    if ((answer.tries?.[key] ?? block.dataset.tries) === block.dataset.tries || block.contains(document.activeElement)) continue;
    block.dataset.tries = answer.tries[key];
    window.htmx.ajax("GET", `?item=${key}`, { source: block, target: `#${block.id}`, select: `#${block.id}`, swap: "outerHTML" });
  }
  const rail = form.querySelector("[data-rail]");
  if (answer.rail && rail && !rail.contains(document.activeElement)) {
    rail.replaceChildren(...new DOMParser().parseFromString(answer.rail, "text/html").body.children);
  }
  if (answer.shape && answer.shape !== form.dataset.shape && !isRedrawing) form.querySelector("[data-reshaped]").hidden = false;
}

let isRedrawing = false;

function start() {
  form.addEventListener("autosaved", ({ detail }) => show(detail));
  form.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-opens], a[data-fault]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (link.dataset.opens) { await open(link.dataset.opens, true); return; }
    if (link.dataset.item) await open(link.dataset.item);
    lead(link.dataset.fault);
  });
  // Another formula or another group brings other fields: the form is drawn anew with what was typed.
  form.addEventListener("change", ({ target }) => {
    const button = target.matches("select") && target.closest("[data-redraws]")?.querySelector("button");
    if (!button || target.selectedOptions[0]?.defaultSelected) return;
    isRedrawing = true;
    form.requestSubmit(button);
  });
  // Enter within a field saves; it does not press the first button of the form.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing || !event.target.matches("input:not([type=checkbox])")) return;
    event.preventDefault();
    event.target.dispatchEvent(new Event("focusout", { bubbles: true }));
  });
  const target = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
  if (target && form.contains(target)) lead(target.id);
  for (const place of form.querySelectorAll("[data-redraws] button")) place.classList.add("is-scripted");
}

if (form) start();

