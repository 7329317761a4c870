// Draws the map on a plain canvas, for browsers without WebGL 2. Only what is in sight is drawn.
export function plainRenderer(canvas, data) {
  const context = canvas.getContext("2d");
  const { cell, side, urls } = data.sheets;
  const across = side / cell;
  const each = across * across;
  const sheets = new Array(urls.length).fill(null);
  // From afar a preview is a few pixels: smaller copies of the sheets are quicker to draw from, and smoother.
  const small = new Array(urls.length).fill(null);
  const details = new Map();
  const css = (rgb) => `rgb(${rgb.map((part) => Math.round(part * 255)).join(" ")})`;

  function put(item, camera, size) {
    const { x, y } = camera.toScreen(data.x[item] + 0.5, data.y[item] + 0.5);
    const left = x - size / 2;
    const top = y - size / 2;
    if (left > camera.width || top > camera.height || left + size < 0 || top + size < 0) return;
    const detail = details.get(item);
    if (detail) return void context.drawImage(detail, left, top, size, size);
    const sprite = data.sprites[item];
    const number = Math.floor(sprite / each);
    const sheet = size < cell / 3 ? small[number] : sheets[number];
    if (!sheet) return void context.fillRect(left, top, size, size);
    const step = sheet === small[number] ? cell / 4 : cell;
    const place = sprite % each;
    context.drawImage(sheet, (place % across) * step, Math.floor(place / across) * step, step, step, left, top, size, size);
  }

  return {
    name: "canvas",
    detailSide: 192,
    setSheet(number, bitmap) {
      sheets[number] = bitmap;
      const copy = new OffscreenCanvas(bitmap.width / 4, bitmap.height / 4);
      const painter = copy.getContext("2d");
      painter.imageSmoothingQuality = "high";
      painter.drawImage(bitmap, 0, 0, copy.width, copy.height);
      small[number] = copy;
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
      for (let item = 0; item < data.ids.length; item++) put(item, camera, size);
      if (hovered < 0) return;
      const grown = Math.max(size * 1.16, 26);
      put(hovered, camera, grown);
      const { x, y } = camera.toScreen(data.x[hovered] + 0.5, data.y[hovered] + 0.5);
      context.strokeStyle = css(colours.accent);
      context.lineWidth = 3;
      context.strokeRect(x - grown / 2, y - grown / 2, grown, grown);
    },
  };
}
