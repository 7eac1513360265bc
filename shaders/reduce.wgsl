// Sum, max or min of `x[outer, K, inner]` over K, in index order.
//
// Layout   x row-major from X_OFFSET; y[outer, CHUNKS, inner], where output `chunk` covers the elements
//          chunk·CHUNK ≤ k < min(K, (chunk + 1)·CHUNK). Few outputs and a long K become two passes: chunks first,
//          then their partial results by the same kernel. OUTPUTS = outer·CHUNKS·inner.
// Bindings 0 x (read), 1 y (read_write).
// Types    the line `alias T = f32;` may be replaced: i32, u32, vec4f, vec4i, vec4u (four neighbouring columns at
//          once; all lengths then count vec4s), and `alias U = u32;` with it: vec4u for the vec4 types.
// Limits   K ≥ 1. A NaN wins max and min (as Math.max), by a bit test, where FLOATS is set.

alias T = f32;
alias U = u32;

override OP: u32 = 0; // 0 sum, 1 max, 2 min
override FLOATS: bool = true;
override K: u32 = 1;
override INNER: u32 = 1;
override CHUNKS: u32 = 1;
override CHUNK: u32 = 1;
override OUTPUTS: u32 = 1;
override X_OFFSET: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<T>;
@group(0) @binding(1) var<storage, read_write> y: array<T>;

fn combine(a: T, b: T) -> T {
  if (OP == 0) { return a + b; }
  let best = select(min(a, b), max(a, b), OP == 1);
  if (!FLOATS) { return best; }
  let a_is_nan = (bitcast<U>(a) & U(0x7fffffff)) > U(0x7f800000);
  let b_is_nan = (bitcast<U>(b) & U(0x7fffffff)) > U(0x7f800000);
  return select(select(best, b, b_is_nan), a, a_is_nan);
}

struct Range { begin: u32, length: u32 }

/// Where output `o` begins in `x`, and how many elements (INNER apart) it covers.
fn range_of(o: u32) -> Range {
  let rest = o / INNER;
  let first = (rest % CHUNKS) * CHUNK;
  let begin = X_OFFSET + ((rest / CHUNKS) * K + first) * INNER + o % INNER;
  return Range(begin, min(CHUNK, K - first));
}

/// What becomes of a finished element; the planner may put a fused chain in its place (src/codegen/epilogue.ts).
fn store(i: u32, value: T) { y[i] = value; }

/// One thread an output: no barrier; coalesced where INNER is large.
@compute @workgroup_size(64)
fn thread_per_output(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let o = (group.y * groups.x + group.x) * 64 + lane;
  if (o >= OUTPUTS) { return; }
  let range = range_of(o);
  var at = range.begin;
  var result = x[at];
  at += INNER;
  var left = range.length - 1;
  for (; left >= 4; left -= 4) {
    let low = combine(x[at], x[at + INNER]);
    let high = combine(x[at + 2 * INNER], x[at + 3 * INNER]);
    result = combine(result, combine(low, high));
    at += 4 * INNER;
  }
  for (; left > 0; left--) {
    result = combine(result, x[at]);
    at += INNER;
  }
  store(o, result);
}

var<workgroup> partial: array<T, 256>;

/// One workgroup an output: coalesced where INNER is 1. Lane l takes l, l + 256, …; then a tree.
@compute @workgroup_size(256)
fn workgroup_per_output(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let o = group.y * groups.x + group.x;
  if (o >= OUTPUTS) { return; }
  let range = range_of(o);
  if (lane < range.length) {
    var result = x[range.begin + lane * INNER];
    for (var k = lane + 256; k < range.length; k += 256) {
      result = combine(result, x[range.begin + k * INNER]);
    }
    partial[lane] = result;
  }
  var width = min(256u, range.length);
  workgroupBarrier();
  while (width > 1) {
    let half = (width + 1) / 2;
    if (lane + half < width) { partial[lane] = combine(partial[lane], partial[lane + half]); }
    width = half;
    workgroupBarrier();
  }
  if (lane == 0) { store(o, partial[0]); }
}
