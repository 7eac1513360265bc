// log Σ exp of `x[outer, K, inner]` over K, stable: relative to the running maximum.
//
// Layout   as in reduce.wgsl: y[outer, CHUNKS, inner]; chunks compose, since
//          logSumExp(logSumExp(a), logSumExp(b)) = logSumExp(a, b).
// Bindings 0 x (read), 1 y (read_write).
// Limits   K ≥ 1. All elements −∞ give −∞, any +∞ gives +∞, NaN gives NaN.

override K: u32 = 1;
override INNER: u32 = 1;
override CHUNKS: u32 = 1;
override CHUNK: u32 = 1;
override OUTPUTS: u32 = 1;
override X_OFFSET: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

/// What becomes of a finished element; the planner may put a fused chain in its place (src/codegen/epilogue.ts).
fn store(i: u32, value: f32) { y[i] = value; }

struct Range { begin: u32, length: u32 }

fn range_of(o: u32) -> Range {
  let rest = o / INNER;
  let first = (rest % CHUNKS) * CHUNK;
  let begin = X_OFFSET + ((rest / CHUNKS) * K + first) * INNER + o % INNER;
  return Range(begin, min(CHUNK, K - first));
}

fn is_finite(value: f32) -> bool { return (bitcast<u32>(value) & 0x7f800000) != 0x7f800000; }

fn is_nan(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffff) > 0x7f800000; }

/// The larger of two; a NaN wins (WGSL's max and exp may lose it).
fn larger(a: f32, b: f32) -> f32 {
  return select(select(max(a, b), b, is_nan(b)), a, is_nan(a));
}

/// What exponents are taken relative to: 0 for an infinite maximum, so that ∞ − ∞ never arises.
fn anchor(largest: f32) -> f32 { return select(0, largest, is_finite(largest)); }

/// A maximum that is infinite or NaN is the result itself.
fn result(largest: f32, sum: f32) -> f32 {
  return select(largest, log(sum) + largest, is_finite(largest));
}

@compute @workgroup_size(64)
fn thread_per_output(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let o = (group.y * groups.x + group.x) * 64 + lane;
  if (o >= OUTPUTS) { return; }
  let range = range_of(o);
  var largest = x[range.begin];
  for (var k = 1u; k < range.length; k++) { largest = larger(largest, x[range.begin + k * INNER]); }
  let shift = anchor(largest);
  var sum = 0.0;
  for (var k = 0u; k < range.length; k++) { sum += exp(x[range.begin + k * INNER] - shift); }
  store(o, result(largest, sum));
}

var<workgroup> partial: array<f32, 256>;

/// The largest `value` of the workgroup, in a tree; uniform.
fn max_over_workgroup(value: f32, lane: u32) -> f32 {
  partial[lane] = value;
  workgroupBarrier();
  for (var half = 128u; half > 0; half /= 2) {
    if (lane < half) { partial[lane] = larger(partial[lane], partial[lane + half]); }
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

@compute @workgroup_size(256)
fn workgroup_per_output(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let o = group.y * groups.x + group.x;
  if (o >= OUTPUTS) { return; }
  let range = range_of(o);
  var largest = x[range.begin];
  for (var k = lane; k < range.length; k += 256) { largest = larger(largest, x[range.begin + k * INNER]); }
  largest = max_over_workgroup(largest, lane);
  let shift = anchor(largest);
  var sum = 0.0;
  for (var k = lane; k < range.length; k += 256) { sum += exp(x[range.begin + k * INNER] - shift); }
  sum = sum_over_workgroup(sum, lane);
  if (lane == 0) { store(o, result(largest, sum)); }
}
