/** Let files be dropped onto the field around a file input (.dropzone). */
export function watchUploads() {
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const zone = event.target.closest?.(".dropzone");
      const input = zone?.querySelector('input[type="file"]');
      if (!input || input.disabled) return;
      event.preventDefault();
      zone.classList.toggle("is-over", kind === "dragover");
      if (kind !== "drop" || !event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
}
