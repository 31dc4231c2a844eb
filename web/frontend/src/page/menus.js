// The navigation on small screens, the menus that are <details>, and dialogs.

const MENUS = "details.usermenu[open], details.navmenu[open]";

/** Open and close the navigation, and what data-dialog and data-close name; close menus on Escape and outside clicks. */
export function watchMenus() {
  document.addEventListener("click", (event) => {
    const target = event.target;
    toggleNavigation(target.closest?.(".nav-toggle"));
    openDialog(target.closest?.("[data-dialog]"));
    target.closest?.("[data-close]")?.closest("dialog")?.close();
    for (const menu of document.querySelectorAll(MENUS)) if (!menu.contains(target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll(MENUS)) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

function toggleNavigation(button) {
  if (!button) return;
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(open));
  document.getElementById(button.getAttribute("aria-controls"))?.classList.toggle("is-open", open);
}

function openDialog(button) {
  const dialog = button && document.getElementById(button.dataset.dialog);
  if (dialog?.open === false) dialog.showModal();
}
