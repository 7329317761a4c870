// The map's start: loads cells and sheets, chooses a renderer, and connects the view with hands, theme and window.
import { plainRenderer } from "./map_2d.js";
import { glRenderer } from "./map_gl.js";
import { listen } from "./map_input.js";
import { MapView } from "./map_view.js";

const POLL_MS = 700;
const stage = document.getElementById("map-stage");
const wait = document.getElementById("map-wait");
const status = document.getElementById("map-status");

function fail(message) {
  stage.dataset.state = "failed";
  wait.hidden = false;
  wait.querySelector("p").textContent = message;
}

async function loadData() {
  for (;;) {
    const response = await fetch(stage.dataset.map, { headers: { Accept: "application/json" } });
    if (response.status === 200) return response.json();
    if (response.status !== 202) {
      const { detail } = await response.json().catch(() => ({}));
      throw new Error(detail || stage.dataset.failed);
    }
    const { done, total } = await response.json();
    wait.querySelector("p").textContent = stage.dataset.waiting;
    wait.querySelector("i").style.transform = `scaleX(${Math.max(0.04, done / Math.max(1, total))})`;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

// A canvas that has given one kind of context never gives another: the plain one gets a fresh canvas.
// ?draw=webgl2 and ?draw=canvas choose, so that either can be tried anywhere.
function makeRenderer(data) {
  const canvas = document.getElementById("map-canvas");
  const asked = new URLSearchParams(location.search).get("draw");
  let renderer = null;
  try {
    if (asked !== "canvas") renderer = glRenderer(canvas, data, asked === "webgl2");
  } catch (error) {
    console.warn(error);
  }
  if (renderer) return { canvas, renderer };
  const fresh = canvas.cloneNode();
  canvas.replaceWith(fresh);
  return { canvas: fresh, renderer: plainRenderer(fresh, data) };
}

async function loadSheets(data, renderer, view) {
  await Promise.all(
    data.sheets.urls.map(async (url, number) => {
      const response = await fetch(url);
      if (!response.ok) return;
      renderer.setSheet(number, await createImageBitmap(await response.blob()));
      view.redraw();
    }),
  );
}

function themeColours() {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const read = (name) => {
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    probe.fillRect(0, 0, 1, 1);
    return [...probe.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((part) => part / 255);
  };
  return { tile: read("--tile"), accent: read("--accent") };
}

function followTheme(view) {
  const recolour = () => view.setColours(themeColours());
  new MutationObserver(recolour).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
}

function announceCard(view) {
  const card = document.getElementById("map-card");
  new MutationObserver(() => {
    if (view.hovered >= 0) status.textContent = card.querySelector(".card-title")?.textContent ?? "";
  }).observe(card, { childList: true });
}

function connectInput(view) {
  listen(view.canvas, view.camera, {
    move: (target, animated) => view.move(target, animated),
    point: (x, y) => view.select(view.itemAt(x, y)),
    leave: () => view.card.leave(),
    tap: (x, y, touch, event) => view.tap(x, y, touch, event),
    run: (command) => view.run(command),
  });
  for (const button of stage.querySelectorAll("[data-map-do]")) button.addEventListener("click", () => view.run(button.dataset.mapDo));
}

async function start() {
  const data = await loadData();
  const { canvas, renderer } = makeRenderer(data);
  const view = new MapView(stage, canvas, renderer, data, themeColours());
  connectInput(view);
  new ResizeObserver(() => view.resize()).observe(stage);
  followTheme(view);
  announceCard(view);
  canvas.addEventListener("webglcontextlost", () => location.reload());
  stage.dataset.renderer = renderer.name;
  stage.dataset.items = data.ids.length;
  await loadSheets(data, renderer, view);
  wait.hidden = true;
  stage.dataset.state = "ready";
  view.focus(stage.dataset.focus);
}

start().catch((error) => fail(error.message));
