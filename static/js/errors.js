import { each } from "./dom.js";
import { announce, word } from "./words.js";

function valueOf(field) {
  if (!field.matches("fieldset")) return field.type === "checkbox" ? String(field.checked) : field.value;
  return [...field.querySelectorAll("input:checked")].map((input) => input.value).join();
}

// Focus goes to the summary; a link leads into its field; an error leaves when its field is mended.
function start(summary) {
  if (summary.dataset.errors === "focus") summary.focus();
  const lines = [...summary.querySelectorAll("li")];
  for (const line of lines) {
    const link = line.querySelector("a");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) continue;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const target = field.matches("fieldset") ? field.querySelector("input, textarea, select") ?? field : field;
      field.scrollIntoView({ block: "center" });
      target.focus({ preventScroll: true });
    });
    const wrong = valueOf(field);
    const judge = () => {
      const isMended = valueOf(field).trim() !== "" && valueOf(field) !== wrong;
      if (isMended === line.classList.contains("is-mended")) return;
      line.classList.toggle("is-mended", isMended);
      const part = field.closest(".field, .choices, tr");
      part?.classList.toggle("is-wrong", !isMended);
      for (const message of part?.querySelectorAll(".field-error") ?? []) message.hidden = isMended;
      if (isMended) field.removeAttribute("aria-invalid");
      const left = lines.filter((each) => !each.classList.contains("is-mended")).length;
      const text = left ? word("errors-left", { n: left }) : word("errors-none");
      summary.querySelector("h2").textContent = text;
      announce(text);
    };
    // As it is typed: when the field is left for the button, nothing may move under the finger.
    field.addEventListener("input", judge);
    field.addEventListener("change", judge);
  }
}

export const errors = () => each("[data-errors]", start);
