import { each, make } from "./dom.js";
import { announce, word } from "./words.js";

const MINUTE = 60, HOUR = 3600, DAY = 86400, PER_SECOND = 30 * MINUTE;
const ANNOUNCED = [60, 30, 10, 5, 1];

// The same split as core.formats.remaining.
export function remaining(seconds) {
  const left = Math.abs(seconds);
  if (left >= 2 * DAY) return [[Math.floor(left / DAY), "days"]];
  if (left >= DAY) return [[1, "day"], [Math.floor((left - DAY) / HOUR), "hours"]];
  if (left >= HOUR) return [[Math.floor(left / HOUR), "hours"], [Math.floor((left % HOUR) / MINUTE), "minutes"]];
  if (left > PER_SECOND) return [[Math.floor(left / MINUTE), "minutes"]];
  if (left >= MINUTE) return [[Math.floor(left / MINUTE), "minutes"], [left % MINUTE, "seconds"]];
  return [[left, "seconds"]];
}

// The server's time when the page was made, and the device's clock only for what passed since.
function start(element) {
  const deadline = Date.parse(element.dataset.deadline);
  const offset = Date.parse(element.dataset.now) - Date.now();
  const count = element.querySelector(".deadline-count");
  const name = element.dataset.name;
  const secondsLeft = () => Math.floor((deadline - Date.now() - offset) / 1000);
  let before = secondsLeft();
  let shown = count.textContent;

  const show = () => {
    const left = secondsLeft();
    const isPast = left < 0;
    element.classList.toggle("is-past", isPast);
    const parts = remaining(left).flatMap(([n, unit]) => [make("b", {}, String(n)), make("span", {}, word(unit))]);
    if (isPast) parts.unshift(make("span", {}, word("past")));
    const text = parts.map((part) => part.textContent).join("");
    if (text !== shown) count.replaceChildren(...parts);
    shown = text;
    for (const minutes of ANNOUNCED) {
      if (before > minutes * MINUTE && left <= minutes * MINUTE) announce(word("deadline-left", { name, n: minutes }));
    }
    if (before >= 0 && isPast) announce(word("deadline-now", { name }));
    before = left;
  };
  const timer = window.setInterval(() => (element.isConnected ? show() : window.clearInterval(timer)), 1000);
  document.addEventListener("visibilitychange", show);
  show();
}

export const countdown = () => each("[data-deadline]", start);
