// The map's view: its middle and its scale. World units are cells; scale is CSS pixels a cell. Pure arithmetic, no DOM.
const MARGIN = 0.92;
const CLOSEST = 220;
const GLIDE = 0.22;

export class Camera {
  constructor(columns, rows) {
    this.columns = columns;
    this.rows = rows;
    this.width = this.height = 1;
    this.x = columns / 2;
    this.y = rows / 2;
    this.scale = 1;
    this.goal = null;
  }

  get fitting() {
    return Math.min(CLOSEST, MARGIN * Math.min(this.width / this.columns, this.height / this.rows));
  }

  // Where it is going, or where it is.
  get target() {
    return this.goal ?? this;
  }

  resize(width, height) {
    const showsAll = this.scale <= this.fitting * 1.001 && this.goal === null;
    const first = this.width === 1;
    this.width = width;
    this.height = height;
    if (first || showsAll) this.set(this.overview());
    else this.set(this);
  }

  // Everything in sight.
  overview() {
    return { x: this.columns / 2, y: this.rows / 2, scale: this.fitting };
  }

  // Never farther than everything, never so far aside that there is nothing to see.
  clamped({ x, y, scale }) {
    const fittingScale = Math.min(Math.max(scale, this.fitting), Math.max(CLOSEST, this.fitting));
    return { x: Math.min(Math.max(x, 0), this.columns), y: Math.min(Math.max(y, 0), this.rows), scale: fittingScale };
  }

  set(view) {
    Object.assign(this, this.clamped(view));
    this.goal = null;
  }

  glide(view) {
    this.goal = this.clamped(view);
  }

  // A frame's share of the way to the goal; true while there is more to go.
  step(frames = 1) {
    if (!this.goal) return false;
    const share = 1 - (1 - GLIDE) ** frames;
    const { x, y, scale } = this.goal;
    const nearly = Math.abs(Math.log(scale / this.scale)) < 0.003 && Math.hypot(x - this.x, y - this.y) * this.scale < 0.4;
    if (nearly) {
      this.set(this.goal);
      return false;
    }
    this.x += (x - this.x) * share;
    this.y += (y - this.y) * share;
    this.scale *= (scale / this.scale) ** share;
    return true;
  }

  toWorld(px, py) {
    return { x: this.x + (px - this.width / 2) / this.scale, y: this.y + (py - this.height / 2) / this.scale };
  }

  toScreen(x, y) {
    return { x: (x - this.x) * this.scale + this.width / 2, y: (y - this.y) * this.scale + this.height / 2 };
  }

  // The view where the point under (px, py) stays under it while the scale changes by `factor`.
  zoomed(factor, px = this.width / 2, py = this.height / 2, from = this) {
    const scale = this.clamped({ ...from, scale: from.scale * factor }).scale;
    const dx = (px - this.width / 2) * (1 / from.scale - 1 / scale);
    const dy = (py - this.height / 2) * (1 / from.scale - 1 / scale);
    return { x: from.x + dx, y: from.y + dy, scale };
  }

  moved(dx, dy, from = this) {
    return { x: from.x - dx / from.scale, y: from.y - dy / from.scale, scale: from.scale };
  }
}
