// The map: loads places and sheets, draws when something changed, and puts camera, labels, card and hands together.
import { Camera } from "./map_camera.js";
import { plainRenderer } from "./map_2d.js";
import { cardShower } from "./map_card.js";
import { detailLoader } from "./map_detail.js";
import { glRenderer } from "./map_gl.js";
import { labels } from "./map_labels.js";
import { listen } from "./map_input.js";

// From afar gaps between previews would flicker as the map moves.
const fillAt = (pixels) => (pixels < 9 ? 1 : 0.94);
const stage = document.getElementById("map-stage");
const wait = document.getElementById("map-wait");
const says = document.getElementById("map-says");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const address = (pattern, id) => pattern.replace("ID", encodeURIComponent(id));

function fail(words) {
  stage.dataset.state = "failed";
  wait.hidden = false;
  wait.querySelector("p").textContent = words;
}

async function load() {
  for (;;) {
    const response = await fetch(stage.dataset.map, { headers: { Accept: "application/json" } });
    if (response.status === 200) return response.json();
    if (response.status !== 202) {
      const { problem } = await response.json().catch(() => ({}));
      throw new Error(problem || stage.dataset.failed);
    }
    const { done, total } = await response.json();
    wait.querySelector("p").textContent = stage.dataset.waiting;
    wait.querySelector("i").style.transform = `scaleX(${Math.max(0.04, done / Math.max(1, total))})`;
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
}

// A canvas that has given one kind of context never gives another: the plain one gets a fresh canvas.
// ?draw=webgl2 and ?draw=canvas choose, so that either can be looked at anywhere.
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

function themeColours() {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const read = (name) => {
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    probe.fillRect(0, 0, 1, 1);
    return [...probe.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((part) => part / 255);
  };
  return { tile: read("--tile"), accent: read("--accent") };
}

async function start() {
  const data = await load();
  const { canvas, renderer } = makeRenderer(data);
  const camera = new Camera(...data.size);
  const at = new Map(data.ids.map((_id, item) => [data.x[item] + data.y[item] * data.size[0], item]));
  const name = labels(document.getElementById("map-labels"), data.regions);
  let colours = themeColours();
  let hovered = -1;
  let asked = 0;
  let last = 0;

  const where = (item) => ({
    ...camera.toScreen(data.x[item] + 0.5, data.y[item] + 0.5),
    size: Math.max(26, camera.scale),
  });

  const ratio = () => Math.min(devicePixelRatio || 1, 2);
  function frame(now) {
    asked = 0;
    const more = camera.step(last ? Math.min(4, (now - last) / 16.7) : 1);
    last = more ? now : 0;
    renderer.draw(camera, { hovered, fill: fillAt(camera.scale * ratio()), colours, ratio: ratio() });
    name(camera);
    if (hovered >= 0) card.follow(where(hovered));
    detail(inSight);
    if (more) redraw();
  }
  const redraw = () => (asked ||= requestAnimationFrame(frame));

  const card = cardShower(document.getElementById("map-card"), stage, (id) => address(stage.dataset.card, id), () => {
    hovered = -1;
    redraw();
  });
  const detail = detailLoader(data, renderer, (id) => `${address(stage.dataset.preview, id)}?w=320`, () => redraw());

  function inSight() {
    if (camera.scale * ratio() < data.sheets.cell * 1.15) return [];
    const [low, high] = [camera.toWorld(0, 0), camera.toWorld(camera.width, camera.height)];
    const found = [];
    for (let y = Math.max(0, Math.floor(low.y)); y <= Math.min(data.size[1] - 1, high.y); y++)
      for (let x = Math.max(0, Math.floor(low.x)); x <= Math.min(data.size[0] - 1, high.x); x++) {
        const item = at.get(x + y * data.size[0]);
        if (item !== undefined) found.push(item);
      }
    const far = (item) => Math.hypot(data.x[item] - camera.x, data.y[item] - camera.y);
    return found.sort((a, b) => far(a) - far(b));
  }

  // From afar a preview is smaller than a finger: the nearest within a few pixels counts.
  function itemAt(px, py, slack = 4) {
    const { x, y } = camera.toWorld(px, py);
    const reach = Math.max(0, Math.ceil(slack / camera.scale - 0.5));
    let best = -1;
    let least = Infinity;
    for (let row = Math.floor(y) - reach; row <= Math.floor(y) + reach; row++)
      for (let column = Math.floor(x) - reach; column <= Math.floor(x) + reach; column++) {
        const item = column < 0 || column >= data.size[0] ? undefined : at.get(column + row * data.size[0]);
        const away = Math.hypot(column + 0.5 - x, row + 0.5 - y);
        if (item !== undefined && away < least) [best, least] = [item, away];
      }
    return best;
  }

  function choose(item, at_once = false) {
    if (item < 0) return card.leave();
    hovered = item;
    card.show(data.ids[item], () => where(item), at_once);
    return redraw();
  }

  const open = (item) => location.assign(address(stage.dataset.item, data.ids[item]));
  const look = (place, glide = false) => {
    if (glide && !calm.matches) camera.glide(place);
    else camera.set(place);
    redraw();
  };
  const from = () => camera.goal ?? camera;
  const acts = {
    in: () => look(camera.zoomed(1.6, undefined, undefined, from()), true),
    out: () => look(camera.zoomed(1 / 1.6, undefined, undefined, from()), true),
    all: () => look(camera.whole(), true),
    close: () => card.close(),
    open: () => hovered >= 0 && open(hovered),
    keyed: () => {
      const goal = from();
      let [best, least] = [-1, Infinity];
      data.ids.forEach((_id, item) => {
        const away = Math.hypot(data.x[item] + 0.5 - goal.x, data.y[item] + 0.5 - goal.y);
        if (away < least) [best, least] = [item, away];
      });
      if (best >= 0) choose(best, true);
    },
  };

  listen(canvas, camera, {
    look,
    point: (x, y) => choose(itemAt(x, y)),
    leave: () => card.leave(),
    tap(x, y, touch, event) {
      const item = itemAt(x, y, touch ? 16 : 4);
      if (item < 0) return card.close();
      if (event.ctrlKey || event.metaKey) return void window.open(address(stage.dataset.item, data.ids[item]), "_blank");
      // A finger cannot hover: its first touch shows the card, its second opens the item.
      if (touch && card.id !== data.ids[item]) return choose(item, true);
      return open(item);
    },
    act: (act) => acts[act](),
  });
  for (const button of stage.querySelectorAll("[data-map-do]")) button.addEventListener("click", () => acts[button.dataset.mapDo]());

  new ResizeObserver(() => {
    const [width, height] = [stage.clientWidth, stage.clientHeight];
    canvas.width = Math.round(width * ratio());
    canvas.height = Math.round(height * ratio());
    camera.resize(width, height);
    redraw();
  }).observe(stage);
  const recolour = () => {
    colours = themeColours();
    redraw();
  };
  new MutationObserver(recolour).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  new MutationObserver(() => {
    if (hovered >= 0) says.textContent = document.querySelector("#map-card .card-title")?.textContent ?? "";
  }).observe(document.getElementById("map-card"), { childList: true });
  canvas.addEventListener("webglcontextlost", () => location.reload());

  stage.dataset.renderer = renderer.name;
  stage.dataset.items = data.ids.length;
  await Promise.all(
    data.sheets.urls.map(async (url, number) => {
      const response = await fetch(url);
      if (!response.ok) return;
      renderer.setSheet(number, await createImageBitmap(await response.blob()));
      redraw();
    }),
  );
  wait.hidden = true;
  stage.dataset.state = "ready";
  const focus = data.ids.indexOf(stage.dataset.focus);
  if (focus >= 0) {
    look({ x: data.x[focus] + 0.5, y: data.y[focus] + 0.5, scale: Math.max(camera.fitting, 90) });
    choose(focus, true);
  }
}

start().catch((error) => fail(error.message));
