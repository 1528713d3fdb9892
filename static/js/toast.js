import { each, make } from "./dom.js";
import { send } from "./http.js";
import { forget } from "./draft.js";
import { word } from "./words.js";

const LONG_ENOUGH = 10_000;

// Stays while it is read or focused; one with an undo stays until it is closed or another comes.
function start(line) {
  if (line.dataset.clearDraft) forget(line.dataset.clearDraft);
  const undo = line.querySelector("[data-undo]");
  undo?.addEventListener("click", async () => {
    try {
      const answer = await send(undo.dataset.undo, { method: "POST" });
      if (!answer.isDone) throw new Error(String(answer.status));
      if (answer.body.url) window.location.assign(answer.body.url);
      else window.location.reload();
    } catch {
      toast(word("failed"));
    }
  });
  const close = make("button", { type: "button", class: "close", "aria-label": word("close") }, "✕");
  close.addEventListener("click", () => line.remove());
  line.append(close);
  if (undo) return;
  const leave = () => { if (line.matches(":hover, :focus-within")) window.setTimeout(leave, LONG_ENOUGH); else line.remove(); };
  window.setTimeout(leave, LONG_ENOUGH);
}

export function toast(text, button = null) {
  const line = make("div", { class: "toast-line", role: "status" }, make("p", {}, text), ...(button ? [button] : []));
  document.getElementById("toasts")?.append(line);
  start(line);
  return line;
}

export function toasts() {
  each("[data-toast]", start);
  document.body.addEventListener("htmx:sendError", () => toast(word("failed")));
  document.body.addEventListener("htmx:responseError", () => toast(word("failed")));
  each("[data-copy]", (button) => button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast(word("copied"));
  }));
}
