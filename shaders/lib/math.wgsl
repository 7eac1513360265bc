// Elementary functions for generated kernels, with a relative error of about 1e-6 or better over all of f32 (below
// 1.2e-38 a device may flush to 0). WGSL promises much less of its own: exp() may err by 3 + 2|x| ulp, log() by 2^-21
// around 1, sin() and cos() by 2^-11, and SwiftShader indeed does, and turns log(NaN) into 89. Written so that NaN
// passes through (comparisons with it are false, and arithmetic keeps it) and that a compiler which reassociates does
// little harm: no term is added only to be subtracted again.
//
// Polynomials and splittings of constants: S. Moshier's Cephes library.

// x = k ln 2 + r; the two halves of 2^k keep each factor a normal number.
fn exp_f32(x: f32) -> f32 {
  let bounded = select(select(x, 89.5, x > 89.5), -104.0, x < -104.0);
  let k = round(bounded * 1.44269504);
  let r = fma(k, 2.12194440e-4, fma(k, -0.693359375, bounded));
  var p = fma(1.9875691500e-4, r, 1.3981999507e-3);
  p = fma(p, r, 8.3334519073e-3);
  p = fma(p, r, 4.1665795894e-2);
  p = fma(p, r, 1.6666665459e-1);
  p = fma(p, r, 5.0000001201e-1);
  p = fma(p * r, r, r) + 1.0;
  let half = i32(k) / 2;
  let low = bitcast<f32>(u32(half + 127) << 23u);
  let high = bitcast<f32>(u32(i32(k) - half + 127) << 23u);
  return p * low * high;
}

// x = 2^k m with m from sqrt(1/2) to sqrt(2), and log m = 2 atanh((m - 1) / (m + 1)). What is special is told by its
// bits: 0 gives -infinity, infinity itself, NaN and all below 0 give NaN.
fn log_f32(x: f32) -> f32 {
  let tiny = abs(x) < 1.17549435e-38;
  let bits = bitcast<u32>(select(x, x * 16777216.0, tiny));
  let k = i32((bits + 0x004afb0du) >> 23u) - 127;
  let m = bitcast<f32>(bits - (u32(k) << 23u));
  let s = (m - 1.0) / (m + 1.0);
  let square = s * s;
  var p = fma(square, 1.0 / 9.0, 1.0 / 7.0);
  p = fma(p, square, 1.0 / 5.0);
  p = fma(p, square, 1.0 / 3.0);
  p = 2.0 * fma(p * square, s, s);
  let exponent = f32(k) - select(0.0, 24.0, tiny);
  let result = bitcast<u32>(fma(exponent, 0.693359375, fma(exponent, -2.12194440e-4, p)));
  var special = select(result, 0x7fc00000u, bits > 0x7f800000u);
  special = select(special, bits, bits == 0x7f800000u);
  return bitcast<f32>(select(special, 0xff800000u, (bits & 0x7fffffffu) == 0u));
}

// Of a base >= 0 (NaN below); 1 for an exponent of 0.
fn pow_f32(base: f32, exponent: f32) -> f32 {
  return select(exp_f32(exponent * log_f32(base)), 1.0, exponent == 0.0);
}

// x = q pi/2 + r with pi/2 in three parts, then the sine or the cosine of r by the quadrant q. For |x| up to 1e4;
// beyond, the absolute error grows to |x| 6e-8.
fn sin_of_quadrant(x: f32, ahead: i32) -> f32 {
  let q = round(x * 0.636619772);
  let r = fma(q, -7.54978995e-8, fma(q, -4.83751297e-4, fma(q, -1.5703125, x)));
  let z = r * r;
  let odd = fma(fma(fma(-1.9515295891e-4, z, 8.3321608736e-3), z, -1.6666654611e-1) * z, r, r);
  let even = fma(fma(fma(2.443315711809948e-5, z, -1.388731625493765e-3), z, 4.166664568298827e-2), z, -0.5);
  let quadrant = (i32(q) + ahead) & 3;
  let value = select(odd, fma(even, z, 1.0), (quadrant & 1) == 1);
  return select(value, -value, quadrant >= 2);
}

fn sin_f32(x: f32) -> f32 {
  return sin_of_quadrant(x, 0);
}

fn cos_f32(x: f32) -> f32 {
  return sin_of_quadrant(x, 1);
}

// exp(x) - 1: its Taylor series where the difference would cancel.
fn expm1_f32(x: f32) -> f32 {
  var p = fma(x, 1.0 / 40320.0, 1.0 / 5040.0);
  p = fma(p, x, 1.0 / 720.0);
  p = fma(p, x, 1.0 / 120.0);
  p = fma(p, x, 1.0 / 24.0);
  p = fma(p, x, 1.0 / 6.0);
  p = fma(p, x, 0.5);
  let near_zero = fma(p * x, x, x);
  return select(exp_f32(x) - 1.0, near_zero, abs(x) < 0.5);
}

// log(1 + x) = 2 atanh(s) with s = x / (2 + x), as a series where 1 + x lies between 1/2 and 2.
fn log1p_f32(x: f32) -> f32 {
  let s = x / (2.0 + x);
  let square = s * s;
  var p = fma(square, 1.0 / 15.0, 1.0 / 13.0);
  p = fma(p, square, 1.0 / 11.0);
  p = fma(p, square, 1.0 / 9.0);
  p = fma(p, square, 1.0 / 7.0);
  p = fma(p, square, 1.0 / 5.0);
  p = fma(p, square, 1.0 / 3.0);
  let near_zero = 2.0 * fma(p * square, s, s);
  return select(log_f32(1.0 + x), near_zero, x > -0.5 && x < 1.0);
}

// log(1 + exp(x))
fn softplus_f32(x: f32) -> f32 {
  return select(0.0, x, x > 0.0) + log1p_f32(exp_f32(-abs(x)));
}

// 1 / (1 + exp(-x))
fn sigmoid_f32(x: f32) -> f32 {
  let e = exp_f32(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}

// By exp(-2|x|), which cannot overflow; built-in tanh gives NaN for large arguments on some drivers.
fn tanh_f32(x: f32) -> f32 {
  let e = expm1_f32(-2.0 * abs(x));
  let magnitude = -e / (2.0 + e);
  return select(magnitude, -magnitude, x < 0.0);
}

// Binary cross-entropy of logit z and target t in [0, 1]: max(z, 0) - z t + log(1 + exp(-|z|))
fn sigmoid_cross_entropy(z: f32, t: f32) -> f32 {
  return select(0.0, z, z > 0.0) - z * t + log1p_f32(exp_f32(-abs(z)));
}
