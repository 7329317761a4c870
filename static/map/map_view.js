// What is shown and how it follows the visitor: camera, renderer, labels, card and details, redrawn when something changed.
import { Camera } from "./map_camera.js";
import { cardShower } from "./map_card.js";
import { CellIndex } from "./map_cells.js";
import { detailLoader } from "./map_detail.js";
import { labels } from "./map_labels.js";

const SMALLEST_TARGET = 26;
const POINTER_SLACK = 4;
const FINGER_SLACK = 16;
const FOCUS_SCALE = 90;
const ZOOM = 1.6;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const address = (pattern, id) => pattern.replace("ID", encodeURIComponent(id));
const pixelRatio = () => Math.min(devicePixelRatio || 1, 2);
// From afar gaps between previews would flicker as the map moves.
const fillAt = (pixels) => (pixels < 9 ? 1 : 0.94);

export class MapView {
  #frame = 0;
  #lastFrame = 0;

  constructor(stage, canvas, renderer, data, colours) {
    Object.assign(this, { stage, canvas, renderer, data, colours });
    this.camera = new Camera(...data.size);
    this.cells = new CellIndex(data);
    this.hovered = -1;
    this.placeLabels = labels(document.getElementById("map-labels"), data.regions);
    const cardUrl = (id) => address(stage.dataset.card, id);
    this.card = cardShower(document.getElementById("map-card"), stage, cardUrl, () => this.hover(-1));
    const previewUrl = (id) => `${address(stage.dataset.preview, id)}?w=320`;
    this.loadDetails = detailLoader(data, renderer, previewUrl, () => this.redraw());
  }

  redraw() {
    this.#frame ||= requestAnimationFrame((now) => this.#draw(now));
  }

  #draw(now) {
    this.#frame = 0;
    const moving = this.camera.step(this.#lastFrame ? Math.min(4, (now - this.#lastFrame) / 16.7) : 1);
    this.#lastFrame = moving ? now : 0;
    const fill = fillAt(this.camera.scale * pixelRatio());
    this.renderer.draw(this.camera, { hovered: this.hovered, fill, colours: this.colours, ratio: pixelRatio() });
    this.placeLabels(this.camera);
    if (this.hovered >= 0) this.card.follow(this.#box(this.hovered));
    this.loadDetails(() => this.#itemsNeedingDetail());
    if (moving) this.redraw();
  }

  // An item's middle on the screen, and the side of its picture.
  #box(item) {
    const middle = this.camera.toScreen(this.data.x[item] + 0.5, this.data.y[item] + 0.5);
    return { ...middle, size: Math.max(SMALLEST_TARGET, this.camera.scale) };
  }

  #itemsNeedingDetail() {
    const { camera, cells } = this;
    if (camera.scale * pixelRatio() < this.data.sheets.cell * 1.15) return [];
    const visible = cells.within(camera.toWorld(0, 0), camera.toWorld(camera.width, camera.height));
    return visible.sort((a, b) => cells.distance(a, camera.x, camera.y) - cells.distance(b, camera.x, camera.y));
  }

  // The item at a point of the screen. From afar a preview is smaller than a finger: the nearest within a few pixels counts.
  itemAt(px, py, slack = POINTER_SLACK) {
    const { x, y } = this.camera.toWorld(px, py);
    return this.cells.near(x, y, Math.max(0, Math.ceil(slack / this.camera.scale - 0.5)));
  }

  hover(item) {
    this.hovered = item;
    this.redraw();
  }

  // Marks an item and shows its card; -1 lets go of the one before.
  select(item, immediately = false) {
    if (item < 0) return this.card.leave();
    this.hover(item);
    return this.card.show(this.data.ids[item], () => this.#box(item), immediately);
  }

  open(item, newTab = false) {
    const url = address(this.stage.dataset.item, this.data.ids[item]);
    if (newTab) window.open(url, "_blank");
    else location.assign(url);
  }

  move(view, animated = false) {
    if (animated && !calm.matches) this.camera.glide(view);
    else this.camera.set(view);
    this.redraw();
  }

  tap(px, py, touch, event) {
    const item = this.itemAt(px, py, touch ? FINGER_SLACK : POINTER_SLACK);
    if (item < 0) return this.card.close();
    // A finger cannot hover: its first touch shows the card, its second opens the item.
    if (touch && this.card.id !== this.data.ids[item]) return this.select(item, true);
    return this.open(item, event.ctrlKey || event.metaKey);
  }

  zoom(factor) {
    this.move(this.camera.zoomed(factor, undefined, undefined, this.camera.target), true);
  }

  // What buttons and keys ask for, by name.
  run(command) {
    if (command === "in") this.zoom(ZOOM);
    else if (command === "out") this.zoom(1 / ZOOM);
    else if (command === "all") this.move(this.camera.overview(), true);
    else if (command === "close") this.card.close();
    else if (command === "open" && this.hovered >= 0) this.open(this.hovered);
    else if (command === "middle") this.selectMiddle();
  }

  selectMiddle() {
    const { x, y } = this.camera.target;
    const item = this.cells.nearest(x, y);
    if (item >= 0) this.select(item, true);
  }

  focus(id) {
    const item = this.data.ids.indexOf(id);
    if (item < 0) return;
    const scale = Math.max(this.camera.fitting, FOCUS_SCALE);
    this.move({ x: this.data.x[item] + 0.5, y: this.data.y[item] + 0.5, scale });
    this.select(item, true);
  }

  resize() {
    const { clientWidth, clientHeight } = this.stage;
    this.canvas.width = Math.round(clientWidth * pixelRatio());
    this.canvas.height = Math.round(clientHeight * pixelRatio());
    this.camera.resize(clientWidth, clientHeight);
    this.redraw();
  }

  setColours(colours) {
    this.colours = colours;
    this.redraw();
  }
}
