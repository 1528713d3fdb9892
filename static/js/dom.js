const NAMESPACE = "http://www.w3.org/2000/svg";
let sprites = null;

function spriteOf(kind) {
  sprites ??= {
    i: document.querySelector('use[href*="icons"]')?.getAttribute("href").split("#")[0],
    g: document.querySelector('use[href*="glyphs"]')?.getAttribute("href").split("#")[0],
  };
  return sprites[kind];
}

function drawing(kind, name, className) {
  const svg = document.createElementNS(NAMESPACE, "svg");
  const use = document.createElementNS(NAMESPACE, "use");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${spriteOf(kind)}#${kind}-${name}`);
  svg.append(use);
  return svg;
}

export const icon = (name) => drawing("i", name, "icon");
export const glyph = (name) => drawing("g", name, "glyph");

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const mounted = new WeakMap();

// Call `start` once for every element of the selector, now and for what htmx brings later.
export function each(selector, start) {
  const mount = (root) => {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) found.unshift(root);
    for (const element of found) {
      const starts = mounted.get(element) ?? new Set();
      if (starts.has(start)) continue;
      mounted.set(element, starts.add(start));
      start(element);
    }
  };
  mount(document.body);
  document.body.addEventListener("htmx:load", (event) => mount(event.detail.elt));
}

export function isTyping(target) {
  return target instanceof Element && (target.isContentEditable
    || target.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button])"));
}
