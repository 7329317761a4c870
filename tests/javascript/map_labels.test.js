import assert from "node:assert/strict";
import { test } from "node:test";

import { Camera } from "../../static/map/map_camera.js";
import { placedLabels } from "../../static/map/map_labels.js";

// 10 × 5 cells on 1000 × 600 pixels, 92 pixels a cell; the map's middle, (5, 2.5), is at (500, 300).
function camera(scale) {
  const made = new Camera(10, 5);
  made.resize(1000, 600);
  if (scale) made.set({ x: 5, y: 2.5, scale });
  return made;
}

const label = (name, x, y, level = 0) => ({ name, x, y, level, width: 100, height: 20 });
const names = (all, view) => placedLabels(all, view).map(({ label: { name } }) => name);

test("a label stands with its middle on its place", () => {
  const [{ left, top }] = placedLabels([label("cats", 5, 2.5)], camera());
  assert.deepEqual([left, top], [450, 290]);
});

test("one that would lie over an earlier one is left out", () => {
  assert.deepEqual(names([label("cats", 5, 2.5), label("dogs", 5.5, 2.5), label("birds", 7, 2.5)], camera()), ["cats", "birds"]);
  assert.deepEqual(names([label("cats", 5, 2.5), label("dogs", 5, 2.8)], camera()), ["cats", "dogs"]); // 27.6 pixels lower
});

test("one that would be cut off by the window is left out", () => {
  assert.deepEqual(names([label("edge", 0.1, 2.5), label("inside", 5, 2.5)], camera()), ["inside"]);
});

test("coarse from afar, fine from near, none from very near", () => {
  const all = [label("coarse", 5, 2.5, 0), label("fine", 5, 2.5, 1)];
  const small = new Camera(40, 20); // 23 pixels a cell when all is in sight
  small.resize(1000, 600);
  const at = (scale) => (small.set({ x: 5, y: 2.5, scale }), names(all, small));
  assert.deepEqual(at(23), ["coarse"]);
  assert.deepEqual(at(100), ["fine"]);
  assert.deepEqual(at(130), []);
});

test("where there is one level only, it is shown from near as well", () => {
  assert.deepEqual(names([label("only", 5, 2.5, 0)], camera(110)), ["only"]);
});
