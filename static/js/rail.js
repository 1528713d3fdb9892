// The rail says what remains, as the server counted it with the last save.
const form = document.querySelector("form[data-autosave-url]");
const rail = form?.querySelector("[data-rail]");
const written = form?.querySelector("[data-written]");

form?.addEventListener("autosaved", (event) => {
  if (!event.detail.rail || !rail) return;
  const parsed = new DOMParser().parseFromString(event.detail.rail, "text/html");
  rail.replaceChildren(...parsed.body.children);
  if (written) written.textContent = event.detail.written;
});
