// The rail says what remains, as the server counted it with the last save.
const form = document.getElementById("summary-form");
const rail = form?.querySelector("[data-rail]");

form?.addEventListener("autosaved", (event) => {
  if (!event.detail.rail || !rail) return;
  const parsed = new DOMParser().parseFromString(event.detail.rail, "text/html");
  rail.replaceChildren(...parsed.body.children);
  form.querySelector("[data-written]").textContent = event.detail.written;
});
