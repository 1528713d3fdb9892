import { each } from "./dom.js";
import { send } from "./http.js";
import { announce, word } from "./words.js";

const EVERY = 1500;

// Asks how far the work is until it ends; leaving the page and coming back goes on where it stands.
function start(run) {
  const bar = run.querySelector("progress");
  const percent = run.querySelector("[data-percent]");
  const note = run.querySelector("[data-note]");
  const stop = run.querySelector("[data-stop-url]");
  let told = -1;

  function show() {
    const part = bar.max > 0 ? Math.floor((100 * bar.value) / bar.max) : 0;
    percent.textContent = word("progress", { percent: part });
    if (Math.floor(part / 25) !== told) { told = Math.floor(part / 25); if (told > 0) announce(percent.textContent); }
  }

  async function ask() {
    if (!run.isConnected) return;
    try {
      const { isDone, body } = await send(run.dataset.progressUrl);
      if (isDone) {
        if (body.total) bar.max = body.total;
        bar.value = body.done ?? bar.value;
        if (body.note !== undefined) note.textContent = body.note;
        show();
        if (body.state && body.state !== "running" && body.state !== "waiting") {
          if (body.note) announce(body.note);
          if (body.result_url) window.location.assign(body.result_url); else window.location.reload();
          return;
        }
      }
    } catch { /* No answer this time: the work goes on without us, ask again. */ }
    window.setTimeout(ask, EVERY);
  }

  stop?.addEventListener("click", async () => {
    stop.disabled = true;
    note.textContent = word("stopping");
    try { await send(stop.dataset.stopUrl, { method: "POST" }); } catch { stop.disabled = false; }
  });
  show();
  if (run.dataset.state === "running" || run.dataset.state === "waiting") window.setTimeout(ask, EVERY);
}

export const progress = () => each("[data-progress-url]", start);
