// (x − mean) / sqrt(variance + EPSILON) over each row of `x[ROWS, WIDTH]`; the variance from a second pass.
//
// Layout   row-major, x from X_OFFSET.
// Bindings 0 x (read), 1 y (read_write).

override ROWS: u32 = 1;
override WIDTH: u32 = 1;
override EPSILON: f32 = 1e-5;
override X_OFFSET: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

/// One thread a row: no barrier.
@compute @workgroup_size(8)
fn thread_per_row(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = (group.y * groups.x + group.x) * 8 + lane;
  if (row >= ROWS) { return; }
  let x_row = X_OFFSET + row * WIDTH;
  let y_row = row * WIDTH;
  var sum = 0.0;
  for (var c = 0u; c < WIDTH; c++) { sum += x[x_row + c]; }
  let mean = sum / f32(WIDTH);
  var squares = 0.0;
  for (var c = 0u; c < WIDTH; c++) {
    let centred = x[x_row + c] - mean;
    squares += centred * centred;
  }
  let deviation = sqrt(squares / f32(WIDTH) + EPSILON);
  for (var c = 0u; c < WIDTH; c++) { y[y_row + c] = (x[x_row + c] - mean) / deviation; }
}

var<workgroup> partial: array<f32, 256>;

/// The sum of `value` over the workgroup, in a tree; uniform.
fn sum_over_workgroup(value: f32, lane: u32) -> f32 {
  partial[lane] = value;
  workgroupBarrier();
  for (var half = 128u; half > 0; half /= 2) {
    if (lane < half) { partial[lane] += partial[lane + half]; }
    workgroupBarrier();
  }
  let sum = partial[0];
  workgroupBarrier();
  return sum;
}

/// One workgroup a row: lane l takes columns l, l + 256, ….
@compute @workgroup_size(256)
fn workgroup_per_row(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = group.y * groups.x + group.x;
  if (row >= ROWS) { return; }
  let x_row = X_OFFSET + row * WIDTH;
  let y_row = row * WIDTH;
  var sum = 0.0;
  for (var c = lane; c < WIDTH; c += 256) { sum += x[x_row + c]; }
  let mean = sum_over_workgroup(sum, lane) / f32(WIDTH);
  var squares = 0.0;
  for (var c = lane; c < WIDTH; c += 256) {
    let centred = x[x_row + c] - mean;
    squares += centred * centred;
  }
  let deviation = sqrt(sum_over_workgroup(squares, lane) / f32(WIDTH) + EPSILON);
  for (var c = lane; c < WIDTH; c += 256) { y[y_row + c] = (x[x_row + c] - mean) / deviation; }
}
