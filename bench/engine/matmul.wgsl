// The best product written by hand for lavapipe (design/PERF.md): 8 threads a workgroup, 8 rows × 2 vec4 columns a
// thread, no workgroup memory, rows as the fast grid axis. Sizes are multiples of 64 here.
override N: u32;

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = 8 * group.x;
  let column = 2 * lane + 16 * group.y;
  let width = N / 4;
  var sums: array<array<vec4f, 2>, 8>;
  for (var k = 0u; k < N; k++) {
    let left = b[k * width + column];
    let right = b[k * width + column + 1];
    for (var r = 0u; r < 8; r++) {
      let x = a[(row + r) * N + k];
      sums[r][0] += x * left;
      sums[r][1] += x * right;
    }
  }
  for (var r = 0u; r < 8; r++) {
    c[(row + r) * width + column] = sums[r][0];
    c[(row + r) * width + column + 1] = sums[r][1];
  }
}
