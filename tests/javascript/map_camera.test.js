import assert from "node:assert/strict";
import { test } from "node:test";

import { Camera } from "../../static/map/map_camera.js";

// 10 × 5 cells on 1000 × 600 pixels: the width decides, 0.92 × 1000 / 10 = 92 pixels a cell.
function camera() {
  const made = new Camera(10, 5);
  made.resize(1000, 600);
  return made;
}

const close = (actual, expected) => {
  for (const [name, value] of Object.entries(expected)) assert.ok(Math.abs(actual[name] - value) < 1e-9, `${name}: ${actual[name]}, not ${value}`);
};

test("at first everything is in sight", () => {
  close(camera(), { x: 5, y: 2.5, scale: 92 });
});

test("the middle of the map is the middle of the screen, and back", () => {
  const one = camera();
  close(one.toScreen(5, 2.5), { x: 500, y: 300 });
  close(one.toScreen(6, 2.5), { x: 592, y: 300 });
  close(one.toWorld(592, 300), { x: 6, y: 2.5 });
});

test("zooming keeps the point under the pointer where it is", () => {
  const one = camera();
  const before = one.toWorld(200, 100);
  one.set(one.zoomed(2, 200, 100));
  close(one, { scale: 184 });
  close(one.toWorld(200, 100), before);
});

test("never farther than everything, never closer than 220 pixels a cell", () => {
  const one = camera();
  one.set(one.zoomed(0.01));
  close(one, { scale: 92 });
  one.set(one.zoomed(100));
  close(one, { scale: 220 });
});

test("its middle stays on the map", () => {
  const one = camera();
  one.set(one.moved(-1e6, 1e6));
  close(one, { x: 10, y: 0 });
});

test("moving by pixels moves by cells", () => {
  close(camera().moved(92, -46), { x: 4, y: 3, scale: 92 });
});

test("a glide arrives, and its frames do not depend on how many there are", () => {
  const [one, two] = [camera(), camera()];
  for (const each of [one, two]) each.glide({ x: 2, y: 1, scale: 200 });
  assert.equal(one.step(2), true);
  two.step(1);
  two.step(1);
  assert.ok(Math.abs(one.x - two.x) < 1e-9);
  let frames = 0;
  while (one.step()) frames += 1;
  assert.ok(frames < 100);
  close(one, { x: 2, y: 1, scale: 200 });
  assert.equal(one.step(), false);
});

test("where it is going counts as its target until it is there", () => {
  const one = camera();
  close(one.target, { x: 5, y: 2.5 });
  one.glide({ x: 2, y: 1, scale: 200 });
  close(one.target, { x: 2, y: 1, scale: 200 });
});

test("a window that shows everything still does after a change of its size, a closer view stays", () => {
  const one = camera();
  one.resize(500, 600);
  close(one, { scale: 46 });
  one.set({ x: 3, y: 2, scale: 150 });
  one.resize(1000, 600);
  close(one, { x: 3, y: 2, scale: 150 });
});
