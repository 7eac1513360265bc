// Pads the columns of `x[rows, LENGTH]` to `y[rows, PITCH]`: LOW fills, x, fills.
//
// Layout   x row-major from X_OFFSET; COUNT = rows·PITCH. Bits are moved, whatever the dtype; FILL is the bit pattern.
// Bindings 0 x (read), 1 y (read_write).
// Types    the line `alias T = u32;` may be replaced by vec4u where every length and offset is a multiple of 4
//          (all of them then count vec4s).

alias T = u32;

override LENGTH: u32 = 1;
override PITCH: u32 = 1;
override LOW: u32 = 0;
override FILL: u32 = 0;
override COUNT: u32 = 1;
override X_OFFSET: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<T>;
@group(0) @binding(1) var<storage, read_write> y: array<T>;

@compute @workgroup_size(64)
fn pad(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.y * groups.x + group.x) * 64 + lane;
  if (i >= COUNT) { return; }
  let column = i % PITCH;
  var value = T(FILL);
  if (column >= LOW && column - LOW < LENGTH) { value = x[X_OFFSET + (i / PITCH) * LENGTH + column - LOW]; }
  y[i] = value;
}
