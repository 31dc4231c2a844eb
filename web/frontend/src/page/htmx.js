// htmx for a strict content security policy, with the CSRF token on every request that writes.
import "./htmx-config.js";
import "htmx.org/dist/htmx.esm.js";
import { csrfToken } from "./csrf.js";
import { say } from "./words.js";
import { showToast } from "./toasts.js";

document.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  if (request.method.toUpperCase() !== "GET") request.headers["X-CSRFToken"] = csrfToken();
});

document.addEventListener("htmx:error", () => showToast(say("offline"), "error"));
