// Shows a published diagram on [data-diagram-url] and marks the path of a case on it.
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { say } from "./page/words.js";

const FONT = getComputedStyle(document.documentElement).getPropertyValue("--font").trim() || "sans-serif";
const MARGIN = 24;
const SMALLEST_READABLE = 0.45;

/**
 * Mount a viewer. data-diagram-state may hold JSON with lists of element ids:
 * visited, current, incidents, and flows (sequence flows that were taken).
 * Fires "diagram:ready" or "diagram:failed"; the viewer is then the element's property `diagram`.
 */
export async function mountDiagram(element) {
  if (element.dataset.diagramMounted) return;
  element.dataset.diagramMounted = "yes";
  const container = document.createElement("div");
  container.className = "diagram-canvas";
  element.prepend(container);
  const viewer = new NavigatedViewer({
    container,
    textRenderer: { defaultStyle: { fontFamily: FONT }, externalStyle: { fontFamily: FONT } },
  });
  element.diagram = viewer;
  try {
    const response = await fetch(element.dataset.diagramUrl, { headers: { Accept: "application/xml" } });
    if (!response.ok) throw new Error(`${response.status}`);
    await viewer.importXML(await response.text());
  } catch (error) {
    container.remove();
    const message = document.createElement("p");
    message.className = "diagram-error";
    message.textContent = say("diagramFailed");
    element.prepend(message);
    element.dispatchEvent(new CustomEvent("diagram:failed", { bubbles: true, detail: error }));
    return;
  }
  const state = JSON.parse(element.dataset.diagramState || "{}");
  shrink(container, viewer);
  mark(viewer, state);
  fit(viewer, state.current);
  element.prepend(tools(viewer, state));
  element.dispatchEvent(new CustomEvent("diagram:ready", { bubbles: true }));
}

function mark(viewer, { visited = [], current = [], incidents = [], flows = [] }) {
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const groups = { visited: [...visited, ...flows], current, incident: incidents };
  for (const [marker, ids] of Object.entries(groups)) {
    // A case may stand on elements of another diagram (a called process).
    for (const id of ids) if (registry.get(id)) canvas.addMarker(id, marker);
  }
}

/** A flat diagram needs no tall canvas. */
function shrink(container, viewer) {
  const { inner, outer } = viewer.get("canvas").viewbox();
  if (!inner.width || !outer.width) return;
  const scale = Math.max(Math.min((outer.width - 2 * MARGIN) / inner.width, 1), SMALLEST_READABLE);
  const wanted = Math.max(inner.height * scale + 4 * MARGIN, 160);
  if (wanted < outer.height) container.style.height = `${Math.round(wanted)}px`;
  viewer.get("canvas").resized();
}

/** Show the whole diagram with a margin; where that would be too small to read, the current step. */
function fit(viewer, current = []) {
  const canvas = viewer.get("canvas");
  const { inner, outer } = canvas.viewbox();
  if (!outer.width || !outer.height) return;
  const scale = Math.min((outer.width - 2 * MARGIN) / inner.width, (outer.height - 2 * MARGIN) / inner.height, 1);
  const readable = Math.max(scale, SMALLEST_READABLE);
  const width = outer.width / readable;
  const height = outer.height / readable;
  let x = inner.x + inner.width / 2 - width / 2;
  let y = inner.y + inner.height / 2 - height / 2;
  if (readable > scale) {
    const shape = current.map((id) => viewer.get("elementRegistry").get(id)).find((found) => found?.width);
    const centre = shape ? { x: shape.x + shape.width / 2, y: shape.y + shape.height / 2 } : { x: inner.x + width / 2 - MARGIN, y: y + height / 2 };
    x = centre.x - width / 2;
    if (height < inner.height) y = centre.y - height / 2;
  }
  canvas.viewbox({ x, y, width, height });
}

function tools(viewer, state) {
  const bar = document.createElement("div");
  bar.className = "diagram-tools";
  const zoom = viewer.get("zoomScroll");
  const actions = [
    ["zoomIn", "+", () => zoom.stepZoom(1)],
    ["zoomOut", "−", () => zoom.stepZoom(-1)],
    ["zoomFit", "⤢", () => fit(viewer, state.current)],
  ];
  for (const [key, sign, act] of actions) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small";
    button.textContent = sign;
    button.title = say(key);
    button.setAttribute("aria-label", say(key));
    button.addEventListener("click", act);
    bar.append(button);
  }
  return bar;
}

function mountAll(root) {
  for (const element of root.querySelectorAll?.("[data-diagram-url]") ?? []) void mountDiagram(element);
}

mountAll(document);
document.addEventListener("htmx:after:settle", (event) => mountAll(event.target));
