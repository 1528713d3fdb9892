import { each } from "./dom.js";
import { word } from "./words.js";

function startSelection(form) {
  const all = form.querySelector("[data-select-all]");
  const boxes = [...form.querySelectorAll('tbody input[name="row"]')];
  const bulk = form.querySelector("[data-bulk]");
  const show = () => {
    const picked = boxes.filter((box) => box.checked);
    for (const box of boxes) box.closest("tr").classList.toggle("is-picked", box.checked);
    all.checked = picked.length === boxes.length && picked.length > 0;
    all.indeterminate = picked.length > 0 && !all.checked;
    bulk.hidden = picked.length === 0;
    bulk.querySelector("[data-picked]").textContent = word("picked", { n: picked.length });
  };
  all.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; show(); });
  form.addEventListener("change", (event) => { if (boxes.includes(event.target)) show(); });
  show();
}

// The choice goes into the URL; the cookie lets it stand the next time without one.
function startChoice(form) {
  form.addEventListener("submit", () => {
    const chosen = new FormData(form);
    const value = `${chosen.getAll("columns").join(".")}|${chosen.get("density")}`;
    const secure = window.location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${form.dataset.tableChoice}=${value}; path=/; max-age=31536000; SameSite=Lax${secure}`;
  });
}

function startMenu(menu) {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
}

export function tables() {
  each("[data-selection]", startSelection);
  each("[data-table-choice]", startChoice);
  each("details.menu, details.me", startMenu);
}
