// Counts the elements of `x` that are NaN or infinite and adds the count to flags[INDEX]. Not part of a training
// step: `check('nonfinite')` runs it after each dispatch to find the first node that produced one.
//
// Layout   x f32 bits from X_OFFSET, COUNT elements. The exponent's bits are tested: `x != x` is unreliable in WGSL.
// Bindings 0 x (read), 1 flags (read_write; integer atomics, so the count does not depend on order).

override COUNT: u32 = 1;
override INDEX: u32 = 0;
override X_OFFSET: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> flags: array<atomic<u32>>;

@compute @workgroup_size(64)
fn nonfinite(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.y * groups.x + group.x) * 64 + lane;
  if (i < COUNT && (x[X_OFFSET + i] & 0x7f800000) == 0x7f800000) { atomicAdd(&flags[INDEX], 1); }
}
