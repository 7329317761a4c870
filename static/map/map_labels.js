// Names of the map's regions, as HTML over the picture: coarse ones from afar, fine ones from near, never one over another.
const NEAR = 2.2;
const TOO_NEAR = 120;
const EDGE = 4;
const GAP_X = 6;
const GAP_Y = 4;

export function labels(holder, regions) {
  const all = regions.map(([name, x, y, count, level]) => {
    const element = document.createElement("span");
    element.className = `map-label map-label-${level}`;
    element.textContent = name;
    element.hidden = true;
    holder.append(element);
    return { element, x, y, count, level, width: 0, height: 0, shown: false };
  });
  all.sort((a, b) => b.count - a.count);

  function measure() {
    for (const label of all) label.element.hidden = false;
    for (const label of all) {
      label.width = label.element.offsetWidth;
      label.height = label.element.offsetHeight;
    }
    for (const label of all) label.element.hidden = !label.shown;
  }
  measure();
  document.fonts?.ready.then(measure);

  return (camera) => {
    const places = new Map(placedLabels(all, camera).map(({ label, left, top }) => [label, { left, top }]));
    for (const label of all) {
      const place = places.get(label);
      if (Boolean(place) !== label.shown) label.element.hidden = !(label.shown = Boolean(place));
      if (place) label.element.style.transform = `translate(${place.left.toFixed(1)}px, ${place.top.toFixed(1)}px)`;
    }
  };
}

// Which labels fit, and where: { label, left, top }, in the order of `all`, which has the most important first. Coarse ones
// from afar, fine ones from near; each inside the window; none over one before it. Pure: a label is x, y, level, width, height.
export function placedLabels(all, camera) {
  const several = new Set(all.map((label) => label.level)).size > 1;
  const level = several && camera.scale > camera.fitting * NEAR ? 1 : 0;
  if (camera.scale >= TOO_NEAR) return [];
  const placed = [];
  for (const label of all) {
    if (several && label.level !== level) continue;
    const middle = camera.toScreen(label.x, label.y);
    const box = { left: middle.x - label.width / 2, top: middle.y - label.height / 2, width: label.width, height: label.height };
    if (isInside(box, camera) && placed.every((other) => isApart(box, other))) placed.push({ label, ...box });
  }
  return placed.map(({ label, left, top }) => ({ label, left, top }));
}

const isInside = (box, { width, height }) =>
  box.left > EDGE && box.top > EDGE && box.left + box.width < width - EDGE && box.top + box.height < height - EDGE;

const isApart = (a, b) =>
  a.left > b.left + b.width + GAP_X || a.left + a.width < b.left - GAP_X || a.top > b.top + b.height + GAP_Y || a.top + a.height < b.top - GAP_Y;
