import { each, icon, make } from "./dom.js";
import { send } from "./http.js";
import { word } from "./words.js";

const language = document.documentElement.lang;
const isChinese = language.startsWith("zh");
const longDay = new Intl.DateTimeFormat(language, { weekday: "long", year: "numeric", month: "long", day: "numeric", timeZone: "UTC" });
const shortWeekday = new Intl.DateTimeFormat(language, { weekday: isChinese ? "narrow" : "short", timeZone: "UTC" });
const monthTitle = new Intl.DateTimeFormat(language, { year: "numeric", month: "long", timeZone: "UTC" });
const DAY = 86_400_000;

const iso = (day) => day.toISOString().slice(0, 10);
const plus = (day, n) => new Date(day.getTime() + n * DAY);
const utc = (y, m, d) => new Date(Date.UTC(y, m, d));
const mondayOf = (day) => plus(day, -((day.getUTCDay() + 6) % 7));

function plusMonths(day, n) {
  const last = utc(day.getUTCFullYear(), day.getUTCMonth() + n + 1, 0).getUTCDate();
  return utc(day.getUTCFullYear(), day.getUTCMonth() + n, Math.min(day.getUTCDate(), last));
}

function today() {
  const text = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(new Date());
  return parse(document.body.dataset.today ?? text);
}

// 2026-11-27, 2026/11/27, 2026.11.27, 2026年11月27日, 20261127; null for anything else.
export function parse(text) {
  const found = text.trim().match(/^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?$/) ?? text.trim().match(/^(\d{4})(\d{2})(\d{2})$/);
  if (!found) return null;
  const [y, m, d] = found.slice(1).map(Number);
  const day = utc(y, m - 1, d);
  return day.getUTCMonth() === m - 1 && day.getUTCDate() === d ? day : null;
}

function weekNumber(day) {
  const thursday = plus(mondayOf(day), 3);
  return 1 + Math.floor((thursday - utc(thursday.getUTCFullYear(), 0, 1)) / (7 * DAY));
}

const years = new Map();

// What a year's calendar says: {"2026-10-01": {mark, name}}; an unknown year has no marks.
function marksOf(year) {
  const url = document.body.dataset.marksUrl;
  if (!years.has(year)) {
    years.set(year, url ? send(`${url}?year=${year}`).then((answer) => answer.body.days ?? {}).catch(() => { years.delete(year); return {}; }) : Promise.resolve({}));
  }
  return years.get(year);
}

function markOf(day, marks) {
  const found = marks[iso(day)];
  if (!found?.mark) return null;
  const [tone, text] = found.mark === "休" ? ["rest", word("rest")] : ["makeup", word("makeup")];
  return make("span", { class: `mark ${tone}`, title: found.name }, text);
}

function start(input) {
  const button = make("button", { type: "button", class: "btn btn-icon", "aria-label": word("open-calendar"), "aria-haspopup": "dialog", "aria-expanded": "false" }, icon("calendar"));
  const row = make("div", { class: "date-row" });
  const note = make("p", { class: "date-note", id: `${input.id}-day` });
  const box = make("div", { class: "date-field" });
  input.before(box);
  row.append(input, button);
  box.append(row, note);
  input.setAttribute("autocomplete", "off");
  input.setAttribute("inputmode", "numeric");
  input.setAttribute("aria-describedby", `${input.getAttribute("aria-describedby") ?? ""} ${note.id}`.trim());
  let popup = null, shown = null;

  async function tell() {
    const day = parse(input.value);
    note.replaceChildren();
    note.classList.toggle("miss", !day && input.value.trim() !== "");
    if (!day) { if (input.value.trim()) note.textContent = word("not-a-date"); return; }
    const marks = await marksOf(day.getUTCFullYear());
    const mark = markOf(day, marks);
    const weekday = new Intl.DateTimeFormat(language, { weekday: isChinese ? "short" : "short", timeZone: "UTC" }).format(day);
    note.append(isChinese ? `${weekday} 第${weekNumber(day)}周 ` : `${weekday}, week ${weekNumber(day)} `);
    if (mark) note.append(mark, ` ${marks[iso(day)].name ?? ""}`);
  }

  function choose(day) {
    input.value = iso(day);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
    close();
  }

  function close() {
    popup?.remove();
    popup = null;
    button.setAttribute("aria-expanded", "false");
    button.focus();
  }

  async function draw(focused, moveFocus = true) {
    shown = focused;
    const marks = await marksOf(focused.getUTCFullYear());
    if (!popup) return;
    const first = utc(focused.getUTCFullYear(), focused.getUTCMonth(), 1);
    const chosen = parse(input.value);
    const heads = [...Array(7).keys()].map((n) => make("th", { scope: "col" }, make("abbr", { title: new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" }).format(plus(mondayOf(first), n)) }, shortWeekday.format(plus(mondayOf(first), n)).slice(0, isChinese ? 1 : 2))));
    const weeks = [];
    for (let day = mondayOf(first); day <= plusMonths(first, 1) - DAY; day = plus(day, 7)) weeks.push(make("tr", {}, ...[...Array(7).keys()].map((n) => cell(plus(day, n), first, focused, chosen, marks))));
    const title = popup.querySelector("b");
    title.textContent = monthTitle.format(first);
    popup.querySelector("thead tr").replaceChildren(...heads);
    popup.querySelector("tbody").replaceChildren(...weeks);
    if (moveFocus) popup.querySelector('[tabindex="0"]').focus();
  }

  function cell(day, first, focused, chosen, marks) {
    if (day.getUTCMonth() !== first.getUTCMonth()) return make("td");
    const mark = markOf(day, marks);
    const isOff = mark ? mark.classList.contains("rest") : day.getUTCDay() % 6 === 0;
    const isChosen = chosen && iso(chosen) === iso(day);
    const isToday = iso(today()) === iso(day);
    const choice = make("button", { type: "button", tabindex: iso(day) === iso(focused) ? "0" : "-1", "data-day": iso(day), "aria-label": `${day.getUTCDate()}${mark ? `${mark.textContent} ${mark.title}` : ""} ${longDay.format(day)}`, "aria-pressed": String(Boolean(isChosen)), "aria-current": isToday ? "date" : null }, String(day.getUTCDate()));
    if (mark) choice.append(mark);
    return make("td", { class: [isOff && "is-off", isChosen && "is-chosen", isToday && "is-today"].filter(Boolean).join(" ") }, choice);
  }

  function open() {
    if (popup) { close(); return; }
    const previous = make("button", { type: "button", class: "btn btn-icon", "aria-label": word("previous-month") }, icon("chevron-left"));
    const next = make("button", { type: "button", class: "btn btn-icon", "aria-label": word("next-month") }, icon("chevron-right"));
    const title = make("b", { "aria-live": "polite", id: `${input.id}-month` });
    const table = make("table", { "aria-labelledby": title.id }, make("thead", {}, make("tr")), make("tbody"));
    popup = make("div", { class: "date-popup", role: "dialog", "aria-label": word("open-calendar") }, make("div", { class: "month" }, make("div", { class: "month-head" }, title, make("span", {}, previous, next)), table));
    previous.addEventListener("click", () => draw(plusMonths(shown, -1), false));
    next.addEventListener("click", () => draw(plusMonths(shown, 1), false));
    table.addEventListener("click", (event) => { const hit = event.target.closest("[data-day]"); if (hit) choose(parse(hit.dataset.day)); });
    popup.addEventListener("keydown", onKey);
    box.append(popup);
    button.setAttribute("aria-expanded", "true");
    const room = window.innerHeight - box.getBoundingClientRect().bottom;
    popup.classList.toggle("is-above", room < 340 && box.getBoundingClientRect().top > 360);
    draw(parse(input.value) ?? today());
  }

  function onKey(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
    const months = { PageUp: event.shiftKey ? -12 : -1, PageDown: event.shiftKey ? 12 : 1 };
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); return; }
    if (event.key === "Tab") {
      const stops = [...popup.querySelectorAll('button:not([tabindex="-1"])')];
      const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
      if (document.activeElement === edge) { event.preventDefault(); (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus(); }
      return;
    }
    if (!event.target.matches("[data-day]")) return;
    const here = parse(event.target.dataset.day);
    const monday = mondayOf(here);
    const goal = steps[event.key] ? plus(here, steps[event.key]) : months[event.key] ? plusMonths(here, months[event.key]) : { Home: monday, End: plus(monday, 6) }[event.key];
    if (goal) { event.preventDefault(); draw(goal); }
  }

  button.addEventListener("click", open);
  input.addEventListener("keydown", (event) => { if (event.altKey && event.key === "ArrowDown") { event.preventDefault(); open(); } });
  input.addEventListener("change", () => { const day = parse(input.value); if (day) input.value = iso(day); tell(); });
  document.addEventListener("pointerdown", (event) => { if (popup && !box.contains(event.target)) { popup.remove(); popup = null; button.setAttribute("aria-expanded", "false"); } });
  tell();
}

export const dates = () => each("input[data-date]", start);
