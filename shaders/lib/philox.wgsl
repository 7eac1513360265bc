// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11): a keyed
// bijection of a 128-bit counter. Bit for bit what src/tensor/random.ts computes on the host.

// High 32 bits of the 64-bit product, from 16-bit halves, since WGSL has no wider integer.
fn multiply_high(a: u32, b: u32) -> u32 {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let middle = a_high * b_low + ((a_low * b_low) >> 16u);
  let carry = a_low * b_high + (middle & 0xffffu);
  return a_high * b_high + (middle >> 16u) + (carry >> 16u);
}

// The first of the block's four words.
fn philox_word(key: vec2<u32>, counter: vec4<u32>) -> u32 {
  var k = key;
  var c = counter;
  for (var round = 0u; round < 10u; round++) {
    let high_0 = multiply_high(0xd2511f53u, c.x);
    let high_1 = multiply_high(0xcd9e8d57u, c.z);
    c = vec4<u32>(high_1 ^ c.y ^ k.x, 0xcd9e8d57u * c.z, high_0 ^ c.w ^ k.y, 0xd2511f53u * c.x);
    k += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return c.x;
}
