// Cross-entropy of each row of logits against its label: y[r] = logSumExp(x[r, :]) − x[r, labels[r]].
//
// Layout   x f32[ROWS, WIDTH] from X_OFFSET, labels u32[ROWS] from LABELS_OFFSET (clamped to WIDTH − 1), y f32[ROWS].
// Bindings 0 x (read), 1 labels (read), 2 y (read_write).

override ROWS: u32 = 1;
override WIDTH: u32 = 1;
override X_OFFSET: u32 = 0;
override LABELS_OFFSET: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

/// The logit of the row's label, relative to `largest`.
fn label_logit(row: u32, x_row: u32, largest: f32) -> f32 {
  return x[x_row + min(labels[LABELS_OFFSET + row], WIDTH - 1)] - largest;
}

/// One thread a row: no barrier.
@compute @workgroup_size(8)
fn thread_per_row(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = (group.y * groups.x + group.x) * 8 + lane;
  if (row >= ROWS) { return; }
  let x_row = X_OFFSET + row * WIDTH;
  var largest = x[x_row];
  for (var c = 1u; c < WIDTH; c++) { largest = max(largest, x[x_row + c]); }
  var sum = 0.0;
  for (var c = 0u; c < WIDTH; c++) { sum += exp(x[x_row + c] - largest); }
  y[row] = log(sum) - label_logit(row, x_row, largest);
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
  var largest = x[x_row];
  for (var c = lane; c < WIDTH; c += 256) { largest = max(largest, x[x_row + c]); }
  largest = max_over_workgroup(largest, lane);
  var sum = 0.0;
  for (var c = lane; c < WIDTH; c += 256) { sum += exp(x[x_row + c] - largest); }
  sum = sum_over_workgroup(sum, lane);
  if (lane == 0) { y[row] = log(sum) - label_logit(row, x_row, largest); }
}
