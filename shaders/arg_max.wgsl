// Index of the first maximum of `x[outer, K, inner]` over K.
//
// Layout   x row-major from X_OFFSET; `chunks` writes found[outer, CHUNKS, inner], the winner of each chunk as an
//          index in 0 … K−1; `winners` picks the best of those, in order. OUTPUTS = outer·CHUNKS·inner (CHUNKS as 1
//          in `winners`, where CANDIDATES are read an output).
// Bindings chunks: 0 x (read), 1 found (read_write). winners: 0 x (read), 1 found (read_write), 2 candidates (read).
// Types    the line `alias T = f32;` may be replaced by i32 or u32, with FLOATS off. A NaN never wins.

alias T = f32;

override FLOATS: bool = true;
override K: u32 = 1;
override INNER: u32 = 1;
override CHUNKS: u32 = 1;
override CHUNK: u32 = 1;
override CANDIDATES: u32 = 1;
override OUTPUTS: u32 = 1;
override X_OFFSET: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<T>;
@group(0) @binding(1) var<storage, read_write> found: array<u32>;
@group(0) @binding(2) var<storage, read> candidates: array<u32>;

fn is_nan(value: T) -> bool { return FLOATS && (bitcast<u32>(value) & 0x7fffffff) > 0x7f800000; }

fn beats(value: T, best: T) -> bool { return !is_nan(value) && (value > best || is_nan(best)); }

@compute @workgroup_size(64)
fn chunks(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let o = (group.y * groups.x + group.x) * 64 + lane;
  if (o >= OUTPUTS) { return; }
  let rest = o / INNER;
  let first = (rest % CHUNKS) * CHUNK;
  let row = X_OFFSET + (rest / CHUNKS) * K * INNER + o % INNER;
  let end = min(first + CHUNK, K);
  var winner = first;
  var best = x[row + first * INNER];
  for (var k = first + 1; k < end; k++) {
    let value = x[row + k * INNER];
    if (beats(value, best)) {
      best = value;
      winner = k;
    }
  }
  found[o] = winner;
}

@compute @workgroup_size(64)
fn winners(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let o = (group.y * groups.x + group.x) * 64 + lane;
  if (o >= OUTPUTS) { return; }
  let row = X_OFFSET + (o / INNER) * K * INNER + o % INNER;
  let list = (o / INNER) * CANDIDATES * INNER + o % INNER;
  var winner = candidates[list];
  var best = x[row + winner * INNER];
  for (var c = 1u; c < CANDIDATES; c++) {
    let k = candidates[list + c * INNER];
    let value = x[row + k * INNER];
    if (beats(value, best)) {
      best = value;
      winner = k;
    }
  }
  found[o] = winner;
}
