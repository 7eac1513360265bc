// The transpose of gather: y[r, :] = Σ values[i, :] over the positions i with indices[i] = r, in order of i.
//
// No atomics, so every run adds in the same order: pairs (row, position) are sorted by row, stably, and each output
// element sums its own segment. `rank_runs` sorts runs of RUN pairs by counting, `merge_runs` merges neighbouring
// runs (an element's place is its own index plus how many of the sibling run come before it), `sum_segments` finds
// each row's segment by bisection.
//
// Layout   indices u32[N] from INDICES_OFFSET (clamped to ROWS − 1, as gather does), values f32[N, WIDTH] from
//          VALUES_OFFSET, pairs vec2u[N], y f32[ROWS, WIDTH]; COUNT = ROWS·WIDTH.
// Bindings rank_runs: 0 indices (read), 1 sorted (read_write). merge_runs: 0 pairs (read), 1 sorted (read_write).
//          sum_segments: 0 pairs (read), 1 values (read), 2 y (read_write).

override N: u32 = 1;
override RUN: u32 = 1;
override ROWS: u32 = 1;
override WIDTH: u32 = 1;
override COUNT: u32 = 1;
override INDICES_OFFSET: u32 = 0;
override VALUES_OFFSET: u32 = 0;

@group(0) @binding(0) var<storage, read> indices: array<u32>;
@group(0) @binding(1) var<storage, read_write> sorted: array<vec2u>;
@group(0) @binding(0) var<storage, read> pairs: array<vec2u>;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn row_at(i: u32) -> u32 { return min(indices[INDICES_OFFSET + i], ROWS - 1); }

/// The first place in pairs[begin … end) whose row is at least `row`.
fn lower_bound(row: u32, begin: u32, end: u32) -> u32 {
  var low = begin;
  var high = end;
  while (low < high) {
    let middle = (low + high) / 2;
    if (pairs[middle].x < row) { low = middle + 1; } else { high = middle; }
  }
  return low;
}

@compute @workgroup_size(64)
fn rank_runs(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.y * groups.x + group.x) * 64 + lane;
  if (i >= N) { return; }
  let row = row_at(i);
  let begin = i / RUN * RUN;
  let end = min(begin + RUN, N);
  var rank = begin;
  for (var j = begin; j < end; j++) {
    let other = row_at(j);
    rank += select(0u, 1u, other < row || (other == row && j < i));
  }
  sorted[rank] = vec2u(row, i);
}

@compute @workgroup_size(64)
fn merge_runs(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.y * groups.x + group.x) * 64 + lane;
  if (i >= N) { return; }
  let pair = pairs[i];
  let run = i / RUN;
  let is_left = run % 2 == 0;
  let sibling = select(run - 1, run + 1, is_left) * RUN;
  let begin = min(sibling, N);
  let end = min(sibling + RUN, N);
  // Equal rows of the left run go first: that is what keeps positions in order.
  let before = lower_bound(pair.x + select(1u, 0u, is_left), begin, end) - begin;
  let rank = select(sibling, run * RUN, is_left) + (i - run * RUN) + before;
  sorted[rank] = pair;
}

/// What becomes of a finished element; the planner may put a fused chain in its place (src/codegen/epilogue.ts).
fn store(i: u32, value: f32) { y[i] = value; }

@compute @workgroup_size(64)
fn sum_segments(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let o = (group.y * groups.x + group.x) * 64 + lane;
  if (o >= COUNT) { return; }
  let row = o / WIDTH;
  let column = o % WIDTH;
  var sum = 0.0;
  for (var i = lower_bound(row, 0, N); i < N; i++) {
    let pair = pairs[i];
    if (pair.x != row) { break; }
    sum += values[VALUES_OFFSET + pair.y * WIDTH + column];
  }
  store(o, sum);
}
