// softmax or log-softmax of each row of `x[ROWS, WIDTH]`, stable: relative to the row's maximum.
//
// Layout   row-major, x from X_OFFSET. A row of −∞ alone is NaN, as 0/0 is.
// Bindings 0 x (read), 1 y (read_write).

override LOG: bool = false;
override ROWS: u32 = 1;
override WIDTH: u32 = 1;
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
  var largest = x[x_row];
  for (var c = 1u; c < WIDTH; c++) { largest = max(largest, x[x_row + c]); }
  var sum = 0.0;
  for (var c = 0u; c < WIDTH; c++) { sum += exp(x[x_row + c] - largest); }
  if (LOG) {
    let log_sum = log(sum);
    for (var c = 0u; c < WIDTH; c++) { y[y_row + c] = x[x_row + c] - largest - log_sum; }
  } else {
    for (var c = 0u; c < WIDTH; c++) { y[y_row + c] = exp(x[x_row + c] - largest) / sum; }
  }
}

var<workgroup> partial: array<f32, 256>;

/// The largest `value` of the workgroup, in a tree; uniform.
fn max_over_workgroup(value: f32, lane: u32) -> f32 {
  partial[lane] = value;
  workgroupBarrier();
  for (var half = 128u; half > 0; half /= 2) {
    if (lane < half) { partial[lane] = max(partial[lane], partial[lane + half]); }
    workgroupBarrier();
  }
  let largest = partial[0];
  workgroupBarrier();
  return largest;
}

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

/// One workgroup a row: lane l takes columns l, l + 256, …; sums in a tree.
@compute @workgroup_size(256)
fn workgroup_per_row(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = group.y * groups.x + group.x;
  if (row >= ROWS) { return; }
  let x_row = X_OFFSET + row * WIDTH;
  let y_row = row * WIDTH;
  var largest = x[x_row];
  for (var c = lane; c < WIDTH; c += 256) { largest = max(largest, x[x_row + c]); }
  largest = max_over_workgroup(largest, lane);
  var sum = 0.0;
  for (var c = lane; c < WIDTH; c += 256) { sum += exp(x[x_row + c] - largest); }
  sum = sum_over_workgroup(sum, lane);
  if (LOG) {
    let log_sum = log(sum);
    for (var c = lane; c < WIDTH; c += 256) { y[y_row + c] = x[x_row + c] - largest - log_sum; }
  } else {
    for (var c = lane; c < WIDTH; c += 256) { y[y_row + c] = exp(x[x_row + c] - largest) / sum; }
  }
}
