// Keeps what was typed into <form data-draft-url>: the server stores it as the user's draft.
import { csrfToken } from "./csrf.js";
import { say } from "./words.js";

const QUIET_MS = 1500;
const states = new WeakMap();

/** Save drafts shortly after the last change, when the page is hidden, and warn before a loss. */
export function watchDrafts() {
  for (const kind of ["input", "change"]) document.addEventListener(kind, noteChange);
  document.addEventListener("submit", (event) => {
    const state = states.get(event.target);
    if (!state) return;
    clearTimeout(state.timer);
    state.dirty = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") for (const form of draftForms()) if (states.get(form)?.dirty) void save(form, true);
  });
  window.addEventListener("beforeunload", (event) => {
    if (draftForms().some((form) => states.get(form)?.dirty)) event.preventDefault();
  });
}

function draftForms() {
  return [...document.querySelectorAll("form[data-draft-url]")];
}

function noteChange(event) {
  const form = event.target.form;
  if (!form?.dataset.draftUrl || event.target.type === "file") return;
  const state = states.get(form) ?? {};
  states.set(form, state);
  state.dirty = true;
  state.change = (state.change ?? 0) + 1;
  clearTimeout(state.timer);
  state.timer = setTimeout(() => save(form, false), QUIET_MS);
}

async function save(form, leaving) {
  const state = states.get(form);
  const change = state.change;
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
  tell(form, say("draftSaving"), false);
  try {
    const response = await fetch(form.dataset.draftUrl, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
      keepalive: leaving,
      redirect: "manual",
    });
    if (!response.ok) {
      tell(form, say(response.status === 401 || response.type === "opaqueredirect" ? "draftSignedOut" : "draftFailed"), true);
      return;
    }
    if (state.change === change) state.dirty = false;
    tell(form, say("draftSaved", new Date().toTimeString().slice(0, 5)), false);
  } catch {
    tell(form, say("draftFailed"), true);
  }
}

function tell(form, text, failed) {
  const place = form.querySelector("[data-draft-status]");
  if (!place) return;
  place.textContent = text;
  place.classList.toggle("is-failed", failed);
}
