// Counts the elements of `x` that are NaN or infinite, for `check('nonfinite')`; not part of a training step.
//
// Layout   x as f32 bits. The exponent's bits are tested: `x != x` is unreliable in WGSL.
// Bindings 0 x (read), 1 counts (read_write; integer atomics, so the count does not depend on order),
//          2 probe (read): offset and length of the elements in x, and which of the counts to add to.

struct Probe { offset: u32, length: u32, index: u32 }

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(2) var<storage, read> probe: Probe;

@compute @workgroup_size(64)
fn nonfinite(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.y * groups.x + group.x) * 64 + lane;
  if (i < probe.length && (x[probe.offset + i] & 0x7f800000) == 0x7f800000) {
    atomicAdd(&counts[probe.index], 1);
  }
}
