import { isTyping } from "./dom.js";

const isFree = () => !document.querySelector("dialog[open]");

function step(by) {
  const rows = [...document.querySelectorAll("[data-rows] tbody tr")].filter((row) => row.querySelector("th a, .row-action a"));
  if (!rows.length) return;
  const here = rows.findIndex((row) => row.contains(document.activeElement) || row.classList.contains("is-current"));
  const row = rows[Math.min(rows.length - 1, Math.max(0, here < 0 ? 0 : here + by))];
  const link = row.querySelector("th a") ?? row.querySelector(".row-action a");
  link.focus();
  row.scrollIntoView({ block: "nearest" });
  if (document.querySelector(".panel.is-open") && link.hasAttribute("hx-get")) link.click();
}

// J/K rows, ? the list of keys, Ctrl-Enter the form's own button.
export function keys() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest?.("form") ?? document.querySelector("form[data-main]");
      if (form && isFree()) { event.preventDefault(); form.requestSubmit(form.querySelector(".btn-primary[type=submit], .btn-primary:not([type])") ?? undefined); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !isFree() || isTyping(event.target)) return;
    if (event.key === "j" || event.key === "J") step(1);
    if (event.key === "k" || event.key === "K") step(-1);
    if (event.key === "?") document.getElementById("keys")?.showModal();
  });
}
