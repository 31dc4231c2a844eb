// A form is sent once; its errors get the focus.
import { say } from "./words.js";

const SENT = "sent";

/** Refuse a second submission of the same form and put the focus on a summary of errors. */
export function watchForms() {
  document.addEventListener("submit", refuseSecond);
  // A page that comes back from the browser's cache may be sent again.
  window.addEventListener("pageshow", (event) => event.persisted && document.querySelectorAll("form").forEach(release));
  document.addEventListener("htmx:finally:request", (event) => release(event.target.closest?.("form")));
  document.addEventListener("htmx:after:settle", (event) => focusErrors(event.target));
  document.addEventListener("click", followErrorLink);
  focusErrors(document);
}

function refuseSecond(event) {
  const form = event.target;
  if (form.method === "get" || form.method === "dialog" || "resubmit" in form.dataset) return;
  if (SENT in form.dataset) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  // After this turn, so that another listener may still stop the submission
  // and the button's own name and value are sent.
  const button = event.submitter;
  setTimeout(() => {
    if (event.defaultPrevented && !isHtmx(form)) return;
    form.dataset[SENT] = "";
    button?.setAttribute("aria-busy", "true");
    button?.setAttribute("aria-disabled", "true");
    form.querySelector("[data-draft-status]")?.replaceChildren(say("sending"));
  });
}

function isHtmx(form) {
  return ["hx-post", "hx-put", "hx-patch", "hx-delete"].some((name) => form.hasAttribute(name) || form.hasAttribute(`data-${name}`));
}

function release(form) {
  if (!form) return;
  delete form.dataset[SENT];
  form.querySelectorAll('[aria-busy="true"]').forEach((button) => {
    button.removeAttribute("aria-busy");
    button.removeAttribute("aria-disabled");
  });
}

function focusErrors(root) {
  const summary = root.querySelector?.(".error-summary");
  if (!summary) return;
  summary.tabIndex = -1;
  summary.focus();
}

/** A link of the summary puts the cursor into the field, not only near it. */
function followErrorLink(event) {
  const link = event.target.closest?.('.error-summary a[href^="#"]');
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return;
  event.preventDefault();
  const control = field.matches("input, select, textarea") ? field : field.querySelector("input, select, textarea");
  (control ?? field).focus();
  (field.closest(".field") ?? field).scrollIntoView({ block: "center" });
}
