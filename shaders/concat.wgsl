// Columns BEGIN … END6 of `y[rows, PITCH]` from up to seven operands side by side: operand k is `xk[rows, ENDk − ENDk₋₁]`
// (the first begins at BEGIN).
//
// Layout   xk row-major from Xk_OFFSET, y from 0; COUNT = rows·(END6 − BEGIN). Bits are moved, whatever the dtype.
//          An operand that is not there ends where the last one does, and binds any buffer.
// Bindings 0 … 6 x0 … x6 (read), 7 y (read_write; other columns are left alone).
// Types    the line `alias T = u32;` may be replaced by vec4u where every length and offset is a multiple of 4
//          (all of them then count vec4s).

alias T = u32;

override BEGIN: u32 = 0;
override END0: u32 = 1;
override END1: u32 = 1;
override END2: u32 = 1;
override END3: u32 = 1;
override END4: u32 = 1;
override END5: u32 = 1;
override END6: u32 = 1;
override X0_OFFSET: u32 = 0;
override X1_OFFSET: u32 = 0;
override X2_OFFSET: u32 = 0;
override X3_OFFSET: u32 = 0;
override X4_OFFSET: u32 = 0;
override X5_OFFSET: u32 = 0;
override X6_OFFSET: u32 = 0;
override PITCH: u32 = 1;
override COUNT: u32 = 1;

@group(0) @binding(0) var<storage, read> x0: array<T>;
@group(0) @binding(1) var<storage, read> x1: array<T>;
@group(0) @binding(2) var<storage, read> x2: array<T>;
@group(0) @binding(3) var<storage, read> x3: array<T>;
@group(0) @binding(4) var<storage, read> x4: array<T>;
@group(0) @binding(5) var<storage, read> x5: array<T>;
@group(0) @binding(6) var<storage, read> x6: array<T>;
@group(0) @binding(7) var<storage, read_write> y: array<T>;

@compute @workgroup_size(64)
fn concat(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.y * groups.x + group.x) * 64 + lane;
  if (i >= COUNT) { return; }
  let row = i / (END6 - BEGIN);
  let column = BEGIN + i % (END6 - BEGIN);
  var value: T;
  if (column < END0) {
    value = x0[X0_OFFSET + row * (END0 - BEGIN) + column - BEGIN];
  } else if (column < END1) {
    value = x1[X1_OFFSET + row * (END1 - END0) + column - END0];
  } else if (column < END2) {
    value = x2[X2_OFFSET + row * (END2 - END1) + column - END1];
  } else if (column < END3) {
    value = x3[X3_OFFSET + row * (END3 - END2) + column - END2];
  } else if (column < END4) {
    value = x4[X4_OFFSET + row * (END4 - END3) + column - END3];
  } else if (column < END5) {
    value = x5[X5_OFFSET + row * (END5 - END4) + column - END4];
  } else {
    value = x6[X6_OFFSET + row * (END6 - END5) + column - END5];
  }
  y[row * PITCH + column] = value;
}
