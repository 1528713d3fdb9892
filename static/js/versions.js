import { make } from "./dom.js";
import { word } from "./words.js";

function labelOf(form, name) {
  const field = form.querySelector(`[name="${CSS.escape(name)}"]`);
  const group = field?.closest("fieldset")?.querySelector("legend");
  return (field?.type === "radio" && group ? group : field?.labels?.[0])?.textContent.trim() || name;
}

function shown(value) {
  if (value === true) return "✓";
  const text = Array.isArray(value) ? value.join(word("separator")) : String(value ?? "");
  return text.trim() && value !== false ? text : word("nothing");
}

function version(name, whose, value, isChosen) {
  const input = make("input", { type: "radio", name: `keep-${name}`, value: whose, checked: isChosen });
  const title = make("b", {}, input, word(whose));
  return make("label", { class: "version" }, title, shown(value));
}

// Both versions side by side; answers, field by field, what the person chose to keep.
export function chooseVersions(form, mine, theirs) {
  const differing = Object.keys(mine).filter((name) => name in theirs && JSON.stringify(mine[name]) !== JSON.stringify(theirs[name]));
  const dialog = document.getElementById("stale-versions");
  if (!differing.length || !dialog) return Promise.resolve(mine);
  const list = dialog.querySelector(".versions");
  list.replaceChildren(...differing.flatMap((name) => [
    make("h3", {}, labelOf(form, name)),
    version(name, "mine", mine[name], true),
    version(name, "theirs", theirs[name], false),
  ]));
  const paint = () => {
    for (const label of list.querySelectorAll(".version")) label.classList.toggle("is-chosen", label.querySelector("input").checked);
  };
  list.onchange = paint;
  paint();
  dialog.oncancel = (event) => event.preventDefault();
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const kept = { ...mine };
      for (const name of differing) {
        if (list.querySelector(`[name="${CSS.escape(`keep-${name}`)}"]:checked`).value === "theirs") kept[name] = theirs[name];
      }
      resolve(kept);
    }, { once: true });
  });
}
