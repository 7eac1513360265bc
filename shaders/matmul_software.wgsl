// Batched matmul for software adapters, where barriers and workgroup memory cost more than loads: one thread holds a
// tile of ROWS × COLUMNS sums in registers. C[b, m, n] = Σ_k A[b, m, k]·B[b, k, n].
//
// Layout   A and B by strides, so a transposed operand is read in place: A[b, m, k] = a[A_OFFSET + b·M·K +
//          m·A_ROW + k·A_COLUMN], B[b, k, n] = b[B_OFFSET + b·K·N + k·B_ROW + n·B_COLUMN]. C is c[BATCH, SPLITS, M, N]:
//          split s covers s·SPLIT ≤ k < min(K, (s + 1)·SPLIT); reduce.wgsl then adds the splits.
// Grid     row blocks fastest, then column blocks, then batch·SPLITS, unfolded from a 2-D grid.
// Bindings 0 a (read), 1 b (read), 2 c (read_write).
// Types    the lines `const ROWS = …;` and `const COLUMNS = …;` may be replaced by other tile sizes.

const ROWS = 8;
const COLUMNS = 8;

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

@compute @workgroup_size(8)
fn matmul(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row_blocks = (M + 8 * ROWS - 1) / (8 * ROWS);
  let column_blocks = (N + COLUMNS - 1) / COLUMNS;
  let block = group.y * groups.x + group.x;
  let row = ((block % row_blocks) * 8 + lane) * ROWS;
  let column = (block / row_blocks % column_blocks) * COLUMNS;
  let slice = block / (row_blocks * column_blocks);
  if (slice >= BATCH * SPLITS || row >= M) { return; }
  let begin = (slice % SPLITS) * SPLIT;
  let end = min(begin + SPLIT, K);

  // Rows and columns past the edge read the last one and are not stored.
  var a_at: array<u32, ROWS>;
  for (var i = 0; i < ROWS; i++) {
    a_at[i] = A_OFFSET + (slice / SPLITS) * M * K + min(row + u32(i), M - 1) * A_ROW;
  }
  var b_at: array<u32, COLUMNS>;
  for (var j = 0; j < COLUMNS; j++) {
    b_at[j] = B_OFFSET + (slice / SPLITS) * K * N + min(column + u32(j), N - 1) * B_COLUMN;
  }
  var sums: array<array<f32, COLUMNS>, ROWS>;
  for (var k = begin; k < end; k++) {
    var left: array<f32, ROWS>;
    for (var i = 0; i < ROWS; i++) { left[i] = a[a_at[i] + k * A_COLUMN]; }
    for (var j = 0; j < COLUMNS; j++) {
      let right = b[b_at[j] + k * B_ROW];
      for (var i = 0; i < ROWS; i++) { sums[i][j] = fma(left[i], right, sums[i][j]); }
    }
  }
  for (var i = 0; i < ROWS; i++) {
    for (var j = 0; j < COLUMNS; j++) {
      if (row + u32(i) < M && column + u32(j) < N) {
        c[(slice * M + row + u32(i)) * N + column + u32(j)] = sums[i][j];
      }
    }
  }
}
