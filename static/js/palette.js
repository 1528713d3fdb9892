import { each, icon, make } from "./dom.js";
import { send } from "./http.js";
import { word } from "./words.js";

const QUIET = 120;

// Ctrl-K: names, pinyin, initials, phone tails and pages, from GET /go/?q=.
export function palette() {
  const dialog = document.getElementById("palette");
  const url = document.body.dataset.goUrl;
  if (!dialog || !url) return;
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const note = dialog.querySelector("[role=status]");
  let timer = 0, running = null, place = -1;

  function mark(next) {
    const options = [...list.children];
    if (!options.length) return;
    options[place]?.setAttribute("aria-selected", "false");
    place = (next + options.length) % options.length;
    options[place].setAttribute("aria-selected", "true");
    options[place].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[place].id);
  }

  function show(found, q) {
    place = -1;
    list.replaceChildren(...found.map((hit, n) => {
      const option = make("li", { id: `go-${n}`, role: "option", "aria-selected": "false" },
        icon(hit.icon || "arrow-right"), make("span", {}, hit.title), make("span", { class: "context" }, hit.context ?? ""));
      option.addEventListener("click", () => window.location.assign(hit.url));
      return option;
    }));
    input.setAttribute("aria-expanded", String(found.length > 0));
    input.removeAttribute("aria-activedescendant");
    note.textContent = found.length ? word("go-count", { n: found.length }) : q ? word("go-none", { q }) : "";
    if (found.length) mark(0);
  }

  async function look() {
    running?.abort();
    running = new AbortController();
    const q = input.value.trim();
    try {
      const answer = await send(`${url}?q=${encodeURIComponent(q)}`, { signal: running.signal });
      if (!answer.isDone) throw new Error(String(answer.status));
      show(Array.isArray(answer.body) ? answer.body : answer.body.results ?? [], q);
    } catch (error) {
      if (error.name !== "AbortError") { show([], ""); note.textContent = word("go-failed"); }
    }
  }

  function open() {
    if (dialog.open) return;
    input.value = "";
    show([], "");
    dialog.showModal();
    input.focus();
    look();
  }

  input.addEventListener("input", () => { window.clearTimeout(timer); timer = window.setTimeout(look, QUIET); });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); mark(place + (event.key === "ArrowDown" ? 1 : -1)); }
    if (event.key === "Enter") { event.preventDefault(); list.children[place]?.click(); }
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); open(); }
  });
  each("[data-palette]", (button) => button.addEventListener("click", open));
}
