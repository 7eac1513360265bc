// Batched matmul for GPUs: a workgroup of 16×16 threads makes a tile of C from tiles of A and B in workgroup memory.
// C[b, m, n] = Σ_k A[b, m, k]·B[b, k, n].
//
// Layout   A and B by strides, C by splits, as in matmul_software.wgsl. A thread's MICRO×MICRO sums lie 16 apart, so
//          neighbouring threads touch neighbouring words of workgroup memory and of C.
// Grid     column blocks fastest, then row blocks, then batch·SPLITS, unfolded from a 2-D grid.
// Bindings 0 a (read), 1 b (read), 2 c (read_write).
// Types    the lines `const MICRO = …;` and `const DEPTH = …;` may be replaced; MICRO·DEPTH must be a multiple of 16.
// Limits   256 invocations; 8·DEPTH·(16·MICRO + 1) bytes of workgroup memory.

const MICRO = 4;
const DEPTH = 16;
const TILE = 16 * MICRO;
const PITCH = TILE + 1;

override M: u32 = 1;
override N: u32 = 1;
override K: u32 = 1;
override BATCH: u32 = 1;
override SPLITS: u32 = 1;
override SPLIT: u32 = 1;
override A_ROW: u32 = 1;
override A_COLUMN: u32 = 1;
override B_ROW: u32 = 1;
override B_COLUMN: u32 = 1;
override A_OFFSET: u32 = 0;
override B_OFFSET: u32 = 0;

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;

var<workgroup> left: array<f32, DEPTH * PITCH>;
var<workgroup> right: array<f32, DEPTH * PITCH>;

/// What becomes of a finished element; the planner may put a fused chain in its place (src/codegen/epilogue.ts).
fn store(i: u32, value: f32) { c[i] = value; }

@compute @workgroup_size(256)
fn matmul(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row_blocks = (M + TILE - 1) / TILE;
  let column_blocks = (N + TILE - 1) / TILE;
  let block = group.y * groups.x + group.x;
  let slice = block / (row_blocks * column_blocks);
  if (slice >= BATCH * SPLITS) { return; }
  let column = (block % column_blocks) * TILE;
  let row = (block / column_blocks % row_blocks) * TILE;
  let begin = (slice % SPLITS) * SPLIT;
  let end = min(begin + SPLIT, K);
  let a_from = A_OFFSET + (slice / SPLITS) * M * K;
  let b_from = B_OFFSET + (slice / SPLITS) * K * N;
  let x = lane % 16;
  let y = lane / 16;

  var sums: array<array<f32, MICRO>, MICRO>;
  for (var depth = begin; depth < end; depth += DEPTH) {
    for (var e = lane; e < TILE * DEPTH; e += 256) {
      // Neighbouring lanes read along whichever axis is contiguous.
      let m = select(e % TILE, e / DEPTH, A_COLUMN == 1);
      let a_k = select(e / TILE, e % DEPTH, A_COLUMN == 1);
      var value = 0.0;
      if (row + m < M && depth + a_k < end) { value = a[a_from + (row + m) * A_ROW + (depth + a_k) * A_COLUMN]; }
      left[a_k * PITCH + m] = value;
      let n = select(e / DEPTH, e % TILE, B_COLUMN == 1);
      let b_k = select(e % DEPTH, e / TILE, B_COLUMN == 1);
      value = 0.0;
      if (column + n < N && depth + b_k < end) {
        value = b[b_from + (depth + b_k) * B_ROW + (column + n) * B_COLUMN];
      }
      right[b_k * PITCH + n] = value;
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      var rows: array<f32, MICRO>;
      for (var i = 0u; i < MICRO; i++) { rows[i] = left[k * PITCH + y + 16 * i]; }
      for (var j = 0u; j < MICRO; j++) {
        let value = right[k * PITCH + x + 16 * j];
        for (var i = 0u; i < MICRO; i++) { sums[i][j] = fma(rows[i], value, sums[i][j]); }
      }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < MICRO; i++) {
    for (var j = 0u; j < MICRO; j++) {
      let m = row + y + 16 * i;
      let n = column + x + 16 * j;
      if (m < M && n < N) { store((slice * M + m) * N + n, sums[i][j]); }
    }
  }
}
