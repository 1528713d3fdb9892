import { each, make } from "./dom.js";

// A grid of numbers under the keys of a spreadsheet: arrows, Enter, a block pasted from Excel.
function start(grid) {
  const form = grid.closest("form");
  const rows = [...grid.tBodies[0].rows].map((row) => [...row.querySelectorAll("input")]);
  if (!form || !rows.length || !rows[0].length) return;

  const placeOf = (input) => {
    const row = rows.findIndex((cells) => cells.includes(input));
    return [row, row < 0 ? -1 : rows[row].indexOf(input)];
  };

  function go(row, column) {
    const input = rows[row]?.[column];
    if (!input) return false;
    input.focus();
    input.select();
    return true;
  }

  grid.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const [row, column] = placeOf(input);
    const isAll = input.selectionStart === 0 && input.selectionEnd === input.value.length;
    const atStart = isAll || (input.selectionStart === 0 && input.selectionEnd === 0);
    const atEnd = isAll || input.selectionStart === input.value.length;
    let moved = false;
    if (event.key === "Enter") { go(row + (event.shiftKey ? -1 : 1), column); moved = true; }
    else if (event.key === "ArrowDown") moved = go(row + 1, column);
    else if (event.key === "ArrowUp") moved = go(row - 1, column);
    else if (event.key === "ArrowLeft" && atStart) moved = go(row, column - 1);
    else if (event.key === "ArrowRight" && atEnd) moved = go(row, column + 1);
    if (moved) event.preventDefault();
  });

  grid.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!/[\t\r\n]/.test(text.replace(/[\r\n]+$/, ""))) return;
    event.preventDefault();
    const [row, column] = placeOf(event.target);
    text.replace(/[\r\n]+$/, "").split(/\r\n|\r|\n/).forEach((line, down) => {
      line.split("\t").forEach((value, right) => {
        const input = rows[row + down]?.[column + right];
        if (!input || input.readOnly) return;
        input.value = value.trim();
        input.dispatchEvent(new Event("input", { bubbles: true }));
      });
    });
  });
}

// What the server says of the cells it was sent: which it cannot read, and numbers that follow.
function startAnswers(form) {
  const box = form.querySelector("[data-grid-errors]");
  form.addEventListener("autosaved", ({ detail }) => {
    for (const name of detail.right ?? []) mark(name, "");
    for (const [name, message] of Object.entries(detail.errors ?? {})) mark(name, message);
    for (const [key, text] of Object.entries(detail.texts ?? {})) {
      for (const place of form.querySelectorAll(`[data-text="${CSS.escape(key)}"]`)) place.textContent = text;
    }
    for (const [key, isShown] of Object.entries(detail.shown ?? {})) {
      for (const place of form.querySelectorAll(`[data-shown="${CSS.escape(key)}"]`)) place.hidden = !isShown;
    }
  });

  // What still bars the form from being sent, each with the way to its field.
  form.addEventListener("autosaved", ({ detail }) => {
    const bars = form.querySelector("[data-bars]");
    if (!bars || !detail.bars) return;
    bars.hidden = !detail.bars.length;
    bars.querySelector("ul").replaceChildren(...detail.bars.map(({ field, message }) =>
      make("li", {}, field ? make("a", { href: `#id-${field}` }, message) : message)));
  });

  function mark(name, message) {
    const input = form.elements.namedItem(name);
    if (!(input instanceof HTMLElement)) return;
    if (message) { input.setAttribute("aria-invalid", "true"); input.title = message; }
    else { input.removeAttribute("aria-invalid"); input.removeAttribute("title"); }
    if (!box) return;
    const id = input.id;
    box.querySelector(`[data-for="${CSS.escape(id)}"]`)?.remove();
    if (message) box.querySelector("ul").append(make("li", { "data-for": id }, make("a", { href: `#${id}` }, message)));
    box.classList.toggle("is-empty", !box.querySelector("li"));
  }
}

each("[data-grid]", start);
each("form[data-autosave-url]", startAnswers);
