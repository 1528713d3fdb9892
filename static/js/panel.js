import { each } from "./dom.js";

const narrow = window.matchMedia("(max-width: 1199.98px)");

// The panel of a row: opened through htmx or with the page, closed by ✕, Esc or the shade around it.
export function panel() {
  const box = document.getElementById("panel");
  const work = document.getElementById("work");
  if (!box || !work) return;
  const others = document.querySelectorAll(".side, .bar, #content, .foot");
  let opener = null;

  // What nobody asked for stands where there is room beside the list, never over it.
  function paint() {
    if (narrow.matches && box.querySelector("[data-offered]")) box.replaceChildren();
    const isOpen = box.childElementCount > 0;
    box.classList.toggle("is-open", isOpen);
    work.classList.toggle("has-panel", isOpen);
    for (const each of others) each.inert = isOpen && narrow.matches;
  }

  // The row in the panel; of a matrix, its cell.
  function markRow() {
    for (const shown of document.querySelectorAll("[data-rows] tr.is-current, [data-rows] .cell.is-current")) shown.classList.remove("is-current");
    if (box.childElementCount) (opener?.closest(".cell") ?? opener?.closest("tr"))?.classList.add("is-current");
  }

  function close(event) {
    const link = box.querySelector("a[data-close-panel]");
    if (!link) return;
    event?.preventDefault();
    box.replaceChildren();
    window.history.pushState(null, "", link.href);
    markRow();
    paint();
    opener?.focus();
  }

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === box && !box.contains(event.detail.elt)) opener = event.detail.elt;
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== box) return;
    markRow();
    paint();
    box.scrollTop = 0;
    box.querySelector("[data-panel-title]")?.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open], .date-popup")) close(event);
  });
  window.addEventListener("popstate", () => { if (box.childElementCount || opener) window.location.reload(); });
  narrow.addEventListener("change", paint);
  each("[data-close-panel]", (element) => element.addEventListener("click", close));
  opener = document.querySelector("[data-rows] tr.is-current th a, [data-rows] .cell.is-current");
  paint();
}
