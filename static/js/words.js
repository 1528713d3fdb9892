// The sentences of the scripts come from the page, in the reader's language.
const words = JSON.parse(document.getElementById("script-words")?.textContent ?? "{}");

export function word(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

const wallClock = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

export function clock(instant) {
  return wallClock.format(new Date(instant));
}

const polite = document.getElementById("polite");

// Said once to those who listen; the same sentence twice is heard twice.
export function announce(text) {
  if (!polite) return;
  polite.textContent = "";
  window.setTimeout(() => { polite.textContent = text; }, 50);
}
