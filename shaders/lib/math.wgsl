// Elementary functions that WGSL lacks, or whose built-ins lose digits: relative error about 1e-6 or better over
// all of f32 (below 1.2e-38 a device may flush to 0). Each is written so that NaN passes through (comparisons with
// NaN are false, and the arithmetic keeps it) and that a compiler which reassociates cannot break it: no term
// is added only to be subtracted again.
//
// WGSL allows exp() an error of 3 + 2|x| ulp, i.e. 1e-5 at x = 60, and log() an absolute error of 2^-21 around 1.

// Range reduction x = k ln 2 + r and the polynomial of Cephes' expf (S. Moshier); the two halves of 2^k keep each
// factor a normal number.
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
  return select(log(1.0 + x), near_zero, x > -0.5 && x < 1.0);
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
