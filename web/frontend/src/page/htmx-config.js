// htmx reads its settings once, when it is imported; this module must come first.
const meta = document.querySelector('meta[name="htmx-config"]') ?? document.createElement("meta");
meta.name = "htmx-config";
meta.content = JSON.stringify({
  includeIndicatorCSS: false, // The style sheet has the indicator.
  history: "reload", // Pages hold personal data: never keep a copy of one in the browser.
  mode: "same-origin",
  defaultFocusScroll: true,
});
document.head.append(meta);
