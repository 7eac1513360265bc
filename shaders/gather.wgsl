// Rows of a table by index: y[i, :] = table[min(indices[i], ROWS − 1), :].
//
// Layout   table[ROWS, WIDTH] row-major from TABLE_OFFSET, indices u32 from INDICES_OFFSET; COUNT = indices·WIDTH.
//          Bits are moved, whatever the dtype. An index out of range reads the last row.
// Bindings 0 table (read), 1 indices (read), 2 y (read_write).
// Types    the line `alias T = u32;` may be replaced by vec4u where WIDTH and TABLE_OFFSET are multiples of 4
//          (both then count vec4s).

alias T = u32;

override ROWS: u32 = 1;
override WIDTH: u32 = 1;
override COUNT: u32 = 1;
override TABLE_OFFSET: u32 = 0;
override INDICES_OFFSET: u32 = 0;

@group(0) @binding(0) var<storage, read> table: array<T>;
@group(0) @binding(1) var<storage, read> indices: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<T>;

@compute @workgroup_size(64)
fn gather(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.y * groups.x + group.x) * 64 + lane;
  if (i >= COUNT) { return; }
  let row = min(indices[INDICES_OFFSET + i / WIDTH], ROWS - 1);
  y[i] = table[TABLE_OFFSET + row * WIDTH + i % WIDTH];
}
