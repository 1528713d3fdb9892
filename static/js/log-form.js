// The service log: what passive services ask for, the keyboard after the last tap, one save only.
const form = document.getElementById("log-form");

function isPassive() {
  return form.querySelector('[name="initiator"][value="passive"]')?.checked ?? false;
}

function show() {
  form.querySelector("[data-only-passive]").hidden = !isPassive();
  form.querySelector("[data-answered]").hidden = form.elements.namedItem("is_open").checked;
}

// The four answers are tapped: the fifth is typed, so the keyboard comes without another tap.
function leadOn(event) {
  const content = form.elements.namedItem("content");
  if (event.target.name !== "category" || !event.isTrusted || content.value.trim()) return;
  const gap = [...form.querySelectorAll("[data-needed]")].find((part) => !part.querySelector("input:checked, input[type=hidden][value]") && !part.contains(content));
  if (!gap) content.focus();
}

if (form) {
  let isSent = false;
  form.addEventListener("change", show);
  form.addEventListener("change", leadOn);
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (isSent) event.preventDefault();
    isSent = true;
  });
  window.addEventListener("pageshow", () => { isSent = false; });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "log-customer") return;
    const search = document.querySelector(".find-customer");
    const chosen = form.querySelector("[data-customer]");
    search.hidden = Boolean(chosen);
    form.dispatchEvent(new Event("input", { bubbles: true }));
    if (chosen) form.querySelector("[data-change-customer]").focus({ preventScroll: true });
    else if (event.detail.requestConfig?.elt?.matches("[data-change-customer]")) search.querySelector("input").focus();
  });
  document.querySelector(".find-customer").hidden = Boolean(form.querySelector("[data-customer]"));
  show();
}
