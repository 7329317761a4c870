// Draws the map by WebGL 2: one instanced call, whatever the number of previews. Sheets are layers of one texture.
const VERTEX = `#version 300 es
precision highp float;
layout(location = 0) in vec2 cell;
layout(location = 1) in float sprite;
layout(location = 2) in float slot;
uniform vec2 eye, window;
uniform float scale, grow, across;
out vec2 within;
flat out vec3 place;
flat out float detail;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec2 at = (cell + 0.5 + (corner - 0.5) * grow - eye) * scale / window * 2.0;
  gl_Position = vec4(at.x, -at.y, 0.0, 1.0);
  within = corner;
  float each = across * across;
  float number = mod(sprite, each);
  place = vec3(mod(number, across), floor(number / across), floor(sprite / each));
  detail = slot;
}`;
const FRAGMENT = `#version 300 es
precision highp float;
precision highp sampler2DArray;
uniform sampler2DArray sheets, details;
uniform float side, pixels, cellSide, ring;
uniform vec3 tile, accent;
in vec2 within;
flat in vec3 place;
flat in float detail;
out vec4 colour;
void main() {
  vec2 middle = abs(within - 0.5) * pixels;
  float radius = min(8.0, 0.07 * pixels);
  vec2 corner = middle - (0.5 * pixels - radius);
  float edge = length(max(corner, 0.0)) + min(max(corner.x, corner.y), 0.0) - radius;
  float shape = pixels < 12.0 ? 1.0 : clamp(0.5 - edge, 0.0, 1.0);
  float level = max(0.0, log2(cellSide / pixels));
  float inset = 0.5 * exp2(ceil(level));
  vec2 at = (place.xy * cellSide + clamp(within * cellSide, inset, cellSide - inset)) / side;
  vec4 small = textureLod(sheets, vec3(at, place.z), level);
  vec4 large = texture(details, vec3(within, max(detail, 0.0)));
  vec4 picture = detail < 0.0 ? small : large;
  vec3 shown = mix(tile, picture.rgb, picture.a);
  float band = ring * clamp(edge + 3.5, 0.0, 1.0);
  colour = vec4(mix(shown, accent, band), 1.0) * shape;
}`;
const SLOT_SIDE = 192;
export const SLOTS = 256;

function compile(gl) {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  return program;
}

function arrayTexture(gl, unit, side, layers, levels) {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D_ARRAY, gl.createTexture());
  gl.texStorage3D(gl.TEXTURE_2D_ARRAY, levels, gl.RGBA8, side, side, layers);
  gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_MIN_FILTER, levels > 1 ? gl.LINEAR_MIPMAP_LINEAR : gl.LINEAR);
  gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
}

// Not every browser owns up to having no graphics card; a plain canvas is then many times as quick.
function drawnBySoftware(gl) {
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  return info !== null && /swiftshader|llvmpipe|softpipe|software|basic render/i.test(gl.getParameter(info.UNMASKED_RENDERER_WEBGL));
}

// null where the browser has no WebGL 2, or (unless `slowToo`) only one without a graphics card.
export function glRenderer(canvas, data, slowToo = false) {
  const gl = canvas.getContext("webgl2", {
    antialias: false,
    powerPreference: "high-performance",
    failIfMajorPerformanceCaveat: !slowToo,
  });
  if (!gl) return null;
  if (!slowToo && drawnBySoftware(gl)) {
    gl.getExtension("WEBGL_lose_context")?.loseContext();
    return null;
  }
  const { cell, side, urls } = data.sheets;
  const count = data.ids.length;
  const program = compile(gl);
  const uniform = (name) => gl.getUniformLocation(program, name);
  const uniforms = Object.fromEntries(
    ["eye", "window", "scale", "grow", "across", "sheets", "details", "side", "pixels", "cellSide", "ring", "tile", "accent"].map(
      (name) => [name, uniform(name)],
    ),
  );
  gl.useProgram(program);
  const fixed = new Float32Array(count * 3);
  for (let n = 0; n < count; n++) fixed.set([data.x[n], data.y[n], data.sprites[n]], 3 * n);
  const positions = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, positions);
  gl.bufferData(gl.ARRAY_BUFFER, fixed, gl.STATIC_DRAW);
  const slotOf = new Float32Array(count).fill(-1);
  const slots = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, slots);
  gl.bufferData(gl.ARRAY_BUFFER, slotOf, gl.DYNAMIC_DRAW);
  for (const location of [0, 1, 2]) {
    gl.enableVertexAttribArray(location);
    gl.vertexAttribDivisor(location, 1);
  }
  arrayTexture(gl, 0, side, urls.length, 1 + Math.log2(cell / 4));
  arrayTexture(gl, 1, SLOT_SIDE, Math.min(SLOTS, gl.getParameter(gl.MAX_ARRAY_TEXTURE_LAYERS)), 1);
  gl.uniform1i(uniforms.sheets, 0);
  gl.uniform1i(uniforms.details, 1);
  gl.uniform1f(uniforms.side, side);
  gl.uniform1f(uniforms.cellSide, cell);
  gl.uniform1f(uniforms.across, side / cell);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);

  const startAt = (first) => {
    gl.bindBuffer(gl.ARRAY_BUFFER, positions);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 12, 12 * first);
    gl.vertexAttribPointer(1, 1, gl.FLOAT, false, 12, 12 * first + 8);
    gl.bindBuffer(gl.ARRAY_BUFFER, slots);
    gl.vertexAttribPointer(2, 1, gl.FLOAT, false, 4, 4 * first);
  };
  const setSlot = (item, slot) => {
    slotOf[item] = slot;
    gl.bindBuffer(gl.ARRAY_BUFFER, slots);
    gl.bufferSubData(gl.ARRAY_BUFFER, 4 * item, slotOf.subarray(item, item + 1));
  };

  return {
    name: "webgl2",
    detailSide: SLOT_SIDE,
    setSheet(number, bitmap) {
      gl.activeTexture(gl.TEXTURE0);
      gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, number, bitmap.width, bitmap.height, 1, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
      gl.generateMipmap(gl.TEXTURE_2D_ARRAY);
      bitmap.close();
    },
    setDetail(item, slot, bitmap) {
      gl.activeTexture(gl.TEXTURE1);
      gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, slot, SLOT_SIDE, SLOT_SIDE, 1, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
      bitmap.close();
      setSlot(item, slot);
    },
    dropDetail: (item) => setSlot(item, -1),
    draw(camera, { hovered, fill, colours, ratio }) {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(uniforms.eye, camera.x, camera.y);
      gl.uniform2f(uniforms.window, camera.width, camera.height);
      gl.uniform1f(uniforms.scale, camera.scale);
      gl.uniform3fv(uniforms.tile, colours.tile);
      gl.uniform3fv(uniforms.accent, colours.accent);
      gl.uniform1f(uniforms.grow, fill);
      gl.uniform1f(uniforms.pixels, camera.scale * fill * ratio);
      gl.uniform1f(uniforms.ring, 0);
      startAt(0);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
      if (hovered < 0) return;
      const grown = Math.max(fill * 1.16, 26 / camera.scale);
      gl.uniform1f(uniforms.grow, grown);
      gl.uniform1f(uniforms.pixels, camera.scale * grown * ratio);
      gl.uniform1f(uniforms.ring, 1);
      startAt(hovered);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, 1);
    },
  };
}
