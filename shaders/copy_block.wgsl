// Copies `x[rows, LENGTH]` into the columns AT … AT + LENGTH of `y[rows, PITCH]`: one operand of a concat.
//
// Layout   x row-major from X_OFFSET, y from 0; COUNT = rows·LENGTH. Bits are moved, whatever the dtype.
// Bindings 0 x (read), 1 y (read_write; other columns are left alone).
// Types    the line `alias T = u32;` may be replaced by vec4u where every length and offset is a multiple of 4
//          (all of them then count vec4s).

alias T = u32;

override LENGTH: u32 = 1;
override PITCH: u32 = 1;
override AT: u32 = 0;
override COUNT: u32 = 1;
override X_OFFSET: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<T>;
@group(0) @binding(1) var<storage, read_write> y: array<T>;

@compute @workgroup_size(64)
fn copy_block(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.y * groups.x + group.x) * 64 + lane;
  if (i >= COUNT) { return; }
  y[(i / LENGTH) * PITCH + AT + i % LENGTH] = x[X_OFFSET + i];
}
