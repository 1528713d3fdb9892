const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";

// A JSON request to our own server; answers {status, body}, and throws only when there is no answer.
export async function send(url, { method = "GET", body, keepalive = false, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = token;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await fetch(url, {
    method, headers, keepalive, signal, credentials: "same-origin",
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  return {
    status: response.redirected && !isJson ? 401 : response.status,
    isDone: response.ok && !(response.redirected && !isJson),
    body: isJson ? await response.json() : {},
  };
}

export function signHtmxRequests() {
  document.body.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = token;
  });
}
