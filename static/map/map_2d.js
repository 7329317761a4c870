// Draws the map on a plain canvas, for browsers without WebGL 2 or with a slow one. From afar the whole map is one picture,
// painted once; from near only what is in sight is drawn.
import { CellIndex } from "./map_cells.js";

const OVERVIEW = 2048;
const MOST_OVERVIEW = 16;

export function plainRenderer(canvas, data) {
  const context = canvas.getContext("2d");
  const { cell, side, urls } = data.sheets;
  const [columns, rows] = data.size;
  const across = side / cell;
  const each = across * across;
  const sheets = new Array(urls.length).fill(null);
  const details = new Map();
  const cells = new CellIndex(data);
  const step = Math.max(1, Math.min(MOST_OVERVIEW, Math.floor(OVERVIEW / Math.max(columns, rows))));
  const overview = new OffscreenCanvas(columns * step, rows * step);
  const painter = overview.getContext("2d");
  painter.imageSmoothingQuality = "medium";
  const css = (rgb) => `rgb(${rgb.map((part) => Math.round(part * 255)).join(" ")})`;

  function stamp(onto, item, left, top, size) {
    const sprite = data.sprites[item];
    const slot = sprite % each;
    const sheet = sheets[Math.floor(sprite / each)];
    if (!sheet) return onto.fillRect(left, top, size, size);
    return onto.drawImage(sheet, (slot % across) * cell, Math.floor(slot / across) * cell, cell, cell, left, top, size, size);
  }

  function put(item, camera, size) {
    const { x, y } = camera.toScreen(data.x[item] + 0.5, data.y[item] + 0.5);
    const detail = details.get(item);
    if (detail) context.drawImage(detail, x - size / 2, y - size / 2, size, size);
    else stamp(context, item, x - size / 2, y - size / 2, size);
    return { x, y };
  }

  return {
    name: "canvas",
    detailSide: 192,
    setSheet(number, bitmap) {
      sheets[number] = bitmap;
      const inset = step < 9 ? 0 : step * 0.03;
      for (let item = 0; item < data.ids.length; item++)
        if (Math.floor(data.sprites[item] / each) === number)
          stamp(painter, item, data.x[item] * step + inset, data.y[item] * step + inset, step - 2 * inset);
    },
    setDetail: (item, _slot, bitmap) => details.set(item, bitmap),
    dropDetail(item) {
      details.get(item)?.close();
      details.delete(item);
    },
    draw(camera, { hovered, fill, colours, ratio }) {
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, camera.width, camera.height);
      context.fillStyle = css(colours.tile);
      const size = camera.scale * fill;
      if (camera.scale * ratio <= step * 1.5) {
        const corner = camera.toScreen(0, 0);
        context.drawImage(overview, corner.x, corner.y, columns * camera.scale, rows * camera.scale);
      } else {
        for (const item of cells.within(camera.toWorld(0, 0), camera.toWorld(camera.width, camera.height))) put(item, camera, size);
      }
      if (hovered < 0) return;
      const grown = Math.max(size * 1.16, 26);
      const { x, y } = put(hovered, camera, grown);
      context.strokeStyle = css(colours.accent);
      context.lineWidth = 3;
      context.strokeRect(x - grown / 2, y - grown / 2, grown, grown);
    },
  };
}
