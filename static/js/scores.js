import { each } from "./dom.js";

// "What if": the steps change a number, the server answers.
function startSteps(form) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    const input = button && document.getElementById(button.dataset.for);
    if (!input) return;
    const now = Number(input.value.replace(/,/g, "")) || 0;
    const places = (input.value.split(".")[1] ?? "").length;
    input.value = Math.max(0, now + Number(button.dataset.step)).toFixed(places);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// On the phone the lines before and after are buttons: the same as the keys J and K.
function startLineStep(link) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    document.dispatchEvent(new KeyboardEvent("keydown", { key: link.dataset.lineStep }));
  });
}

each("[data-what-if]", startSteps);
each("[data-line-step]", startLineStep);
each("[data-script-hides]", (element) => { element.hidden = true; });
