import { each } from "./dom.js";
import { word } from "./words.js";

// A figure that differs from the system's asks for its reason, and only then.
function startTable(table) {
  table.addEventListener("input", (event) => {
    const row = event.target.closest("tr[data-computed]");
    if (!row || !event.target.closest(".declared")) return;
    const computed = row.dataset.computed, declared = event.target.value.trim();
    const isDifferent = declared !== "" && declared !== computed;
    const apart = Number(declared) - Number(computed);
    const signed = `${apart > 0 ? "+" : "−"}${Number(Math.abs(apart).toFixed(2))}`;
    row.classList.toggle("is-different", isDifferent);
    const compare = row.querySelector("[data-compare]");
    if (!isDifferent) compare.textContent = word("same");
    else compare.textContent = Number.isNaN(apart) ? word("differs") : word("different", { n: signed });
    const reason = row.querySelector("[data-reason]");
    if (reason) reason.hidden = !isDifferent;
  });
}

function startText(part) {
  const none = part.querySelector('.text-head input[type="checkbox"]');
  const text = part.querySelector("textarea");
  // A text under its "nothing this week" stays in sight, with the word that one of them must go.
  const compare = () => {
    const isBoth = none.checked && text.value.trim() !== "";
    part.classList.toggle("is-none", none.checked && !isBoth);
    const hint = part.querySelector("[data-both]");
    const said = isBoth ? word("both") : "";
    if (hint && hint.textContent !== said) hint.textContent = said;
  };
  none?.addEventListener("change", compare);
  if (none) text.addEventListener("input", compare);
  part.querySelector("[data-import-url]")?.addEventListener("click", async (event) => {
    const response = await fetch(event.currentTarget.dataset.importUrl, { headers: { Accept: "application/json" } });
    if (!response.ok) return;
    const { text: brought } = await response.json();
    if (none?.checked) none.click();
    if (!text.value.includes(brought)) text.value = text.value.trim() ? `${text.value.trim()}\n${brought}` : brought;
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  });
}

function grow(text) {
  if (CSS.supports("field-sizing", "content")) return;
  const fit = () => { text.style.height = "auto"; text.style.height = `${text.scrollHeight + 2}px`; };
  text.addEventListener("input", fit);
  fit();
}

export function entry() {
  each("[data-entry]", startTable);
  each("[data-text-part]", startText);
  each("textarea.form-control", grow);
}
