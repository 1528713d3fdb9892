// Minutes being written: rows are added in place and taken out with a way back; the rail says
// what remains, as the server counted it with the last save.
import { announce } from "./words.js";
import { make } from "./dom.js";
import { toast } from "./toast.js";
import { word } from "./words.js";

const form = document.getElementById("minutes-form");
const rail = form?.querySelector("[data-rail]");

const keepOf = (row) => row.querySelector(".keep input");

// A key that no other window makes at the same time.
function freshKey() {
  const random = crypto.getRandomValues(new Uint32Array(2));
  return `k${[...random].map((each) => each.toString(36)).join("")}`.slice(0, 12);
}

function add(part) {
  const blank = document.querySelector(`template[data-blank="${part}"]`);
  const holder = document.createElement("div");
  holder.innerHTML = blank.innerHTML.replaceAll("__key__", freshKey());
  const row = holder.firstElementChild;
  form.querySelector(`[data-rows="${part}"]`).append(row);
  window.htmx?.process(row);
  document.body.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: row } }));
  prepare(row);
  row.querySelector("select, input:not([type=checkbox])").focus();
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

function takeOut(row) {
  const box = keepOf(row);
  const next = row.nextElementSibling ?? row.previousElementSibling;
  box.checked = false;
  row.hidden = true;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  const back = make("button", { type: "button" }, form.dataset.wordBack);
  const line = toast(form.dataset.wordOut, back);
  announce(form.dataset.wordOut);
  back.addEventListener("click", () => {
    box.checked = true;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    line.remove();
  });
  (next?.querySelector("[data-takes-out]") ?? form.querySelector("[data-adds]"))?.focus();
}

function prepare(row) {
  row.classList.add("is-scripted");
  const button = row.querySelector("[data-takes-out]");
  button.hidden = false;
  button.addEventListener("click", () => takeOut(row));
  // What another window says of the row is followed, too.
  keepOf(row).addEventListener("change", (event) => { row.hidden = !event.target.checked; });
  const helpers = row.querySelector(".helpers");
  helpers?.addEventListener("change", () => {
    const names = [...helpers.querySelectorAll("input:checked")].map((box) => box.labels[0].textContent.trim());
    helpers.querySelector("[data-helping]").textContent = names.join(word("separator")) || word("nothing");
  });
}

function start() {
  for (const row of form.querySelectorAll("[data-row]")) prepare(row);
  for (const button of form.querySelectorAll("[data-adds]")) {
    button.addEventListener("click", (event) => { event.preventDefault(); add(button.dataset.adds); });
  }
  form.addEventListener("autosaved", ({ detail }) => {
    if (detail.rail && rail) rail.replaceChildren(...new DOMParser().parseFromString(detail.rail, "text/html").body.children);
    const isLacking = (detail.rows ?? []).some((name) => !form.querySelector(`[data-row="${CSS.escape(name)}"]`));
    form.querySelector("[data-reshaped]").hidden = !isLacking;
  });
}

if (form) start();
