// The numbers beside the ways: asked for once the page stands, so that it waits for none of them.
import { send } from "./http.js";

export async function waiting() {
  const url = document.body.dataset.waitingUrl;
  const places = document.querySelectorAll("[data-waiting]");
  if (!url || !places.length) return;
  const answer = await send(url).catch(() => null);
  if (!answer?.isDone) return;
  for (const place of places) {
    const count = answer.body[place.dataset.waiting];
    if (!count) continue;
    place.querySelector("b").textContent = count;
    place.hidden = false;
  }
}
