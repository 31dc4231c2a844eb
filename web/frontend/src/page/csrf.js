/** The token of this page, from <meta name="csrf-token">; empty where there is none. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}
