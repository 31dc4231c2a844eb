// Keys for people who work here all day. Single letters act only on a focused case (WCAG 2.1.4).

const STEPS = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };

/** Ctrl+K: search. Ctrl+Enter: send the form. Down, Up, j, k on a case of a queue: the next one. */
export function watchKeys() {
  document.addEventListener("keydown", (event) => {
    const withControl = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (withControl && event.key.toLowerCase() === "k") focusSearch(event);
    else if (withControl && event.key === "Enter") sendForm(event);
    else if (event.key in STEPS && !event.ctrlKey && !event.metaKey && !event.altKey) moveInQueue(event);
  });
}

function focusSearch(event) {
  const search = document.querySelector("[data-search]");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select?.();
}

function sendForm(event) {
  const form = event.target.form;
  const button = form?.querySelector("button.button-primary");
  if (!button || form.method === "get") return;
  event.preventDefault();
  form.requestSubmit(button);
}

function moveInQueue(event) {
  const link = event.target.closest?.(".queue .case-link");
  if (!link) return;
  const links = [...link.closest(".queue").querySelectorAll(".case-link")];
  const next = links[links.indexOf(link) + STEPS[event.key]];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
