// A crop box over a picture: corners and middle by pointer, arrows by keyboard. Its box is in shares of the picture, 0 to 1.
const LEAST = 0.08;
const STEP = 0.02;
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// The box moved by shares of the picture, kept inside it.
export function movedBox(box, dx, dy) {
  const x = clamp(dx, -box.left, 1 - box.right);
  const y = clamp(dy, -box.top, 1 - box.bottom);
  return { left: box.left + x, top: box.top + y, right: box.right + x, bottom: box.bottom + y };
}

// The box with a corner ("nw", "se" …) pulled by shares of the picture: inside it, and never too small to grab.
export function resizedBox(box, corner, dx, dy) {
  const to = { ...box };
  if (corner.includes("w")) to.left = clamp(box.left + dx, 0, box.right - LEAST);
  if (corner.includes("e")) to.right = clamp(box.right + dx, box.left + LEAST, 1);
  if (corner.includes("n")) to.top = clamp(box.top + dy, 0, box.bottom - LEAST);
  if (corner.includes("s")) to.bottom = clamp(box.bottom + dy, box.top + LEAST, 1);
  return to;
}

// The box's pixels in a picture of w × h, and the size they are sent at: no side above `longest`.
export function cropPixels({ left, top, right, bottom }, w, h, longest) {
  const source = { x: left * w, y: top * h, width: Math.max(1, (right - left) * w), height: Math.max(1, (bottom - top) * h) };
  const scale = Math.min(1, longest / Math.max(source.width, source.height));
  return { source, width: Math.max(1, Math.round(source.width * scale)), height: Math.max(1, Math.round(source.height * scale)) };
}

export class CropBox extends EventTarget {
  constructor(stage, box) {
    super();
    this.stage = stage;
    this.box = box;
    this.set({ left: 0.1, top: 0.1, right: 0.9, bottom: 0.9 });
    box.addEventListener("pointerdown", (event) => this.#grab(event));
    box.addEventListener("keydown", (event) => this.#key(event));
  }

  set({ left, top, right, bottom }) {
    Object.assign(this, { left, top, right, bottom });
    const percent = (share) => `${(100 * share).toFixed(3)}%`;
    Object.assign(this.box.style, { left: percent(left), top: percent(top), width: percent(right - left), height: percent(bottom - top) });
  }

  get shares() {
    return { left: this.left, top: this.top, right: this.right, bottom: this.bottom };
  }

  change(shares) {
    this.set(shares);
    this.dispatchEvent(new Event("change"));
  }

  #grab(event) {
    if (event.button !== 0) return;
    const corner = event.target.dataset.handle ?? "";
    const from = this.shares;
    const { width, height } = this.stage.getBoundingClientRect();
    const drag = (move) => {
      const dx = (move.clientX - event.clientX) / width;
      const dy = (move.clientY - event.clientY) / height;
      this.set(corner ? resizedBox(from, corner, dx, dy) : movedBox(from, dx, dy));
    };
    const drop = () => {
      this.box.removeEventListener("pointermove", drag);
      this.dispatchEvent(new Event("change"));
    };
    this.box.setPointerCapture(event.pointerId);
    this.box.addEventListener("pointermove", drag);
    this.box.addEventListener("lostpointercapture", drop, { once: true });
    this.box.focus({ preventScroll: true });
    event.preventDefault();
  }

  #key(event) {
    const arrows = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    if (event.key === "Home") this.change({ left: 0, top: 0, right: 1, bottom: 1 });
    else if (!(event.key in arrows) || event.ctrlKey || event.metaKey || event.altKey) return;
    else this.change(event.shiftKey ? resizedBox(this.shares, "se", ...arrows[event.key]) : movedBox(this.shares, ...arrows[event.key]));
    event.preventDefault();
    event.stopPropagation();
  }
}
