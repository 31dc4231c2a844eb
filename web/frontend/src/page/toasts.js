/** Say something in the page's live region (.toasts); it goes away after a while, errors stay. */
export function showToast(text, kind = "info") {
  let region = document.querySelector(".toasts");
  if (!region) {
    region = document.createElement("div");
    region.className = "toasts";
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  const toast = document.createElement("p");
  toast.className = `notice notice-${kind}`;
  toast.textContent = text;
  region.replaceChildren(toast);
  if (kind !== "error") setTimeout(() => toast.remove(), 8000);
}
