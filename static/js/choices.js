import { each } from "./dom.js";
import { word } from "./words.js";

function paint(group) {
  for (const choice of group.querySelectorAll(".choice")) {
    const input = choice.querySelector("input");
    if (input) choice.classList.toggle("is-chosen", input.checked);
  }
}

function startGroup(group) {
  group.addEventListener("change", () => paint(group));
  group.querySelector("[data-more]")?.addEventListener("click", (event) => {
    const hidden = group.querySelectorAll("[data-folded][hidden]");
    for (const each of hidden) each.hidden = false;
    event.currentTarget.remove();
    hidden[0]?.querySelector("input")?.focus();
  });
  paint(group);
}

function isFilled(part) {
  if (part.matches("input, textarea, select")) return part.value.trim() !== "";
  return [...part.querySelectorAll("input, textarea, select")].some((field) =>
    (field.type === "radio" || field.type === "checkbox" ? field.checked : field.value.trim() !== ""));
}

// The button says what is still missing until nothing is; it stays operable and leads to the gap.
function startForm(form) {
  const button = form.querySelector("[data-names-missing]") ?? document.querySelector(`[data-names-missing][form="${form.id}"]`);
  if (!button) return;
  const ready = button.textContent.trim();
  const gaps = () => [...form.querySelectorAll("[data-needed]")].filter((part) => !part.closest("[hidden]") && !isFilled(part));
  const show = () => {
    const missing = gaps().map((part) => part.dataset.needed);
    button.classList.toggle("is-lacking", missing.length > 0);
    button.textContent = missing.length ? word("lacking", { what: missing.join(word("separator")) }) : ready;
  };
  form.addEventListener("input", show);
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => {
    const [gap] = gaps();
    if (!gap) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const field = gap.matches("input, textarea, select") ? gap : gap.querySelector("input, textarea, select");
    gap.scrollIntoView({ block: "center" });
    (field ?? gap).focus({ preventScroll: true });
  }, true);
  show();
}

export function choices() {
  each("[data-choices]", startGroup);
  each("form[data-needs]", startForm);
}
