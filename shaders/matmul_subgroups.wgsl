// As matmul_software.wgsl, for adapters whose subgroups have 4 or 8 lanes: a lane loads one y of Q and broadcasts it to
// the others, which is cheaper there than loading it in each. C[b, x, y] = Σ_k P[b, x, k]·Q[b, k, y].
//
// Lanes    x is the lanes' axis: rows of C (P is A, Q is B) or its columns (P is Bᵀ, Q is Aᵀ), whichever makes the
//          lanes' loads of P contiguous. A thread's x lie LANES apart, so that its neighbours read one line.
// Layout   by strides, so a transposed operand is read in place: P[b, x, k] = p[P_OFFSET + b·X·K + x·P_X + k·P_K],
//          Q[b, k, y] = q[Q_OFFSET + b·K·Y + k·Q_K + y·Q_Y], c[b·SPLITS + s, x·C_X + y·C_Y]: split s covers
//          s·SPLIT ≤ k < min(K, (s + 1)·SPLIT), and reduce.wgsl adds the splits.
// Grid     blocks of LANES·TILE_X x fastest, then blocks of TILE_Y y, then batch·SPLITS, unfolded from a 2-D grid.
// Bindings 0 p (read), 1 q (read), 2 c (read_write).
// Types    the lines `const TILE_X = …;`, `const TILE_Y = …;` (a multiple of LANES) and `const LANES = …;` (4 or 8, the
//          size of every subgroup) may be replaced; on 8 lanes 4×16 was best, 8×16 for large products.
//          The stores are one loop over a copy: unrolled, they took most of the compile time.

enable subgroups;

const TILE_X = 4;
const TILE_Y = 16;
const LANES = 8;

override X: u32 = 1;
override Y: u32 = 1;
override K: u32 = 1;
override BATCH: u32 = 1;
override SPLITS: u32 = 1;
override SPLIT: u32 = 1;
override P_X: u32 = 1;
override P_K: u32 = 1;
override Q_K: u32 = 1;
override Q_Y: u32 = 1;
override C_X: u32 = 1;
override C_Y: u32 = 1;
override P_OFFSET: u32 = 0;
override Q_OFFSET: u32 = 0;

@group(0) @binding(0) var<storage, read> p: array<f32>;
@group(0) @binding(1) var<storage, read> q: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;

alias Along = array<f32, TILE_X>;
alias Sums = array<array<f32, TILE_Y>, TILE_X>;

fn accumulate(sums: ptr<function, Sums>, along: ptr<function, Along>, j: u32, across: f32) {
  for (var i = 0u; i < TILE_X; i++) { sums[i][j] = fma(along[i], across, sums[i][j]); }
}

/// What becomes of a finished element; the planner may put a fused chain in its place (src/codegen/epilogue.ts).
fn store(i: u32, value: f32) { c[i] = value; }

@compute @workgroup_size(LANES)
fn matmul(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let x_blocks = (X + LANES * TILE_X - 1) / (LANES * TILE_X);
  let y_blocks = (Y + TILE_Y - 1) / TILE_Y;
  let block = group.y * groups.x + group.x;
  let x = (block % x_blocks) * (LANES * TILE_X) + lane;
  let y = (block / x_blocks % y_blocks) * TILE_Y;
  let slice = block / (x_blocks * y_blocks);
  if (slice >= BATCH * SPLITS) { return; }
  let begin = (slice % SPLITS) * SPLIT;
  let end = min(begin + SPLIT, K);

  // An x or y past the edge reads the last one and is not stored.
  var p_at: array<u32, TILE_X>;
  for (var i = 0u; i < TILE_X; i++) {
    p_at[i] = P_OFFSET + (slice / SPLITS) * X * K + min(x + LANES * i, X - 1) * P_X;
  }
  var q_at: array<u32, TILE_Y / LANES>;
  for (var j = 0u; j < TILE_Y; j += LANES) {
    q_at[j / LANES] = Q_OFFSET + (slice / SPLITS) * K * Y + min(y + j + lane, Y - 1) * Q_Y;
  }
  var sums: Sums;
  // Where sizes are data (src/codegen/sizes.ts), the loop would load them in every turn.
  let p_step = P_K;
  let q_step = Q_K;
  for (var k = begin; k < end; k++) {
    var along: Along;
    for (var i = 0u; i < TILE_X; i++) { along[i] = p[p_at[i] + k * p_step]; }
    for (var j = 0u; j < TILE_Y; j += LANES) {
      let across = q[q_at[j / LANES] + k * q_step];
      accumulate(&sums, &along, j, subgroupBroadcast(across, 0));
      accumulate(&sums, &along, j + 1, subgroupBroadcast(across, 1));
      accumulate(&sums, &along, j + 2, subgroupBroadcast(across, 2));
      accumulate(&sums, &along, j + 3, subgroupBroadcast(across, 3));
      if (LANES == 4) { continue; }
      accumulate(&sums, &along, j + 4, subgroupBroadcast(across, 4));
      accumulate(&sums, &along, j + 5, subgroupBroadcast(across, 5));
      accumulate(&sums, &along, j + 6, subgroupBroadcast(across, 6));
      accumulate(&sums, &along, j + 7, subgroupBroadcast(across, 7));
    }
  }

  var results: array<f32, TILE_X * TILE_Y>;
  for (var i = 0u; i < TILE_X; i++) {
    for (var j = 0u; j < TILE_Y; j++) { results[i * TILE_Y + j] = sums[i][j]; }
  }
  for (var e = 0u; e < TILE_X * TILE_Y; e++) {
    let at_x = x + LANES * (e / TILE_Y);
    let at_y = y + e % TILE_Y;
    if (at_x < X && at_y < Y) { store(slice * X * Y + at_x * C_X + at_y * C_Y, results[e]); }
  }
}
