// Weights of the pareto-guided step: the whole quadratic program, in one workgroup, T ≤ 64.
//
//   α, β = argmin ‖Σ_t α_t g_t + β a‖² + ρ‖α‖²,  α in the simplex over present tasks, β ≥ 1,  ρ = ridge · tr(M)/T
//
// for gradients g_t and a constraint's gradient a that are known by their inner products only. With β = 1 + β′ it
// is the point nearest to the origin in conv(g_t + a) + cone(a), found by the active set of Lawson and Hanson as
// principal pivots on a symmetric tableau. src/mtl/minnorm/nearest-to-origin.ts is this kernel in float64 and
// explains it; functions bear the same names. Lane 0 chooses the pivot, all lanes carry it out, a row each.
//
// Layout   gram f32[T + 1, T + 1], last row and column a (zero where no constraint acts); present u32[T], 0 for a
//          task without labels in the batch; ridge f32[1] ≥ 0.
//          solution f32[T + 2]: α, then β, then the certificate, at least 1 − tolerance where solved (see
//          paretoGuidedCertificate). A task that is not present has α = 0; without any, α = 0, β = 1.
// Bindings 0 gram (read), 1 present (read), 2 ridge (read), 3 solution (read_write).
// Dispatch one workgroup.

override T: u32 = 1;
/// 0 leaves the constraint out, whatever the last row holds.
override CONSTRAINED: u32 = 1;
/// Pivots at most. The random problems of the tests need 1.6 a row; an end before the optimum lowers the certificate.
override ITERATIONS: u32 = 4 * (T + 1);
/// 64 suits a GPU, 4 to 16 a software device. The answer is the same to the bit.
override LANES: u32 = 64;
override GRAM_OFFSET: u32 = 0;
override PRESENT_OFFSET: u32 = 0;
override RIDGE_OFFSET: u32 = 0;

@group(0) @binding(0) var<storage, read> gram: array<f32>;
@group(0) @binding(1) var<storage, read> present: array<u32>;
@group(0) @binding(2) var<storage, read> ridge: array<f32>;
@group(0) @binding(3) var<storage, read_write> solution: array<f32>;

/// Relative error up to which the f32 Gram matrix is trusted: a squared length below it counts as zero.
const ROUNDING = 0x1p-20f;
/// A condition may be missed by this much.
const TOLERANCE = 1e-4f;
const NONE = 0xffffffffu;
const UNBOUNDED = 0x1p127f;
const SMALLEST = 0x1p-126f;

/// Lower triangle of [C c; cᵀ 0], rows of C scaled to length 1, with the passive variables swept in.
var<workgroup> tableau: array<f32, (T + 2) * (T + 3) / 2>;
/// Longest length / length of the row, 0 for a row that takes no part; at the end α and β.
var<workgroup> scale: array<f32, T + 1>;
var<workgroup> passive: array<u32, T + 1>;
/// Squared lengths at first, then the pivot's column, then x, at the end ⟨g_t, d⟩ and ⟨a, d⟩.
var<workgroup> column: array<f32, T + 2>;
var<workgroup> pivot: u32;
/// The variable on its way into the passive set, and its value.
var<workgroup> entering: u32;
var<workgroup> amount: f32;

/// T, hidden from the compiler: Mesa unrolls loops of up to 32 turns, and took 27 s to compile T = 20.
var<workgroup> tasks: u32;

fn packed(i: u32, j: u32) -> u32 {
  return select(j * (j + 1) / 2 + i, i * (i + 1) / 2 + j, i >= j);
}

fn inner(i: u32, j: u32) -> f32 { return gram[GRAM_OFFSET + i * (T + 1) + j]; }

fn is_present(t: u32) -> bool { return present[PRESENT_OFFSET + t] != 0; }

fn constraint_square() -> f32 { return select(0.0, max(0.0, inner(T, T)), CONSTRAINED != 0); }

fn on_constraint(t: u32) -> f32 { return select(0.0, inner(t, T), constraint_square() > 0.0); }

/// ρ.
fn diagonal() -> f32 {
  var trace = 0.0;
  var count = 0.0;
  for (var t = 0u; t < tasks; t++) {
    if (is_present(t)) {
      trace += inner(t, t);
      count += 1.0;
    }
  }
  return ridge[RIDGE_OFFSET] * trace / max(1.0, count);
}

/// The squared length of row g_t + a, or of a: 0 where it cancels to rounding, −1 for a row that takes no part.
fn row_square(i: u32, rho: f32) -> f32 {
  let a = constraint_square();
  if (i == T) { return select(-1.0, a, a > 0.0); }
  if (!is_present(i)) { return -1.0; }
  let whole = inner(i, i) + rho + a;
  let square = whole + 2.0 * on_constraint(i);
  return select(0.0, square, square > ROUNDING * whole);
}

/// The inner product of two different rows.
fn row_product(i: u32, j: u32) -> f32 {
  if (i == T) { return on_constraint(j) + constraint_square(); }
  return inner(i, j) + on_constraint(i) + on_constraint(j) + constraint_square();
}

/// The row whose condition is missed most; NONE at the optimum or where the point is the origin to rounding.
fn most_missed() -> u32 {
  let last = packed(T + 1, 0);
  var sum = 0.0;
  var objective = 0.0;
  for (var i = 0u; i <= tasks; i++) {
    if (passive[i] == 0) { continue; }
    sum += tableau[last + i];
    if (i < T) { objective += scale[i] * tableau[last + i]; }
  }
  if (sum > 0.0 && objective <= ROUNDING * sum * sum) { return NONE; }
  var worst = NONE;
  var most = 0.0;
  for (var i = 0u; i <= tasks; i++) {
    if (passive[i] != 0 || scale[i] == 0.0) { continue; }
    let missed = tableau[last + i] - TOLERANCE * scale[i] - ROUNDING * sum;
    if (missed > most) {
      worst = i;
      most = missed;
    }
  }
  return worst;
}

/// The variable to exchange next: the entering one, or a passive one that it drives to zero first.
fn choose_pivot() -> u32 {
  if (entering == NONE) { entering = most_missed(); }
  if (entering == NONE) { return NONE; }
  let curvature = tableau[packed(entering, entering)];
  var next = NONE;
  amount = UNBOUNDED;
  if (curvature > ROUNDING) {
    next = entering;
    amount = tableau[packed(T + 1, next)] / curvature;
  }
  for (var i = 0u; i <= tasks; i++) {
    let slope = tableau[packed(i, entering)];
    if (passive[i] == 0 || slope <= 0.0) { continue; }
    let limit = tableau[packed(T + 1, i)] / slope;
    if (limit < amount) {
      next = i;
      amount = limit;
    }
  }
  return next;
}

/// Row i of the exchange of variable `chosen`, whose old column is in `column`.
fn sweep_row(i: u32, chosen: u32) {
  let ratio = column[i] / column[chosen];
  if (i == chosen) {
    tableau[packed(i, i)] = -1.0 / column[chosen];
    return;
  }
  let start = packed(i, 0);
  for (var j = 0u; j <= i; j++) {
    if (j != chosen) { tableau[start + j] -= ratio * column[j]; }
  }
  tableau[packed(i, chosen)] = select(ratio, -ratio, passive[chosen] != 0);
}

/// Variable i at the entering one's value; along an unbounded ray the direction alone counts.
fn point(i: u32) -> f32 {
  let is_ray = entering != NONE && amount == UNBOUNDED;
  let step = select(amount, 1.0, is_ray);
  if (i == entering) { return scale[i] * step; }
  if (passive[i] == 0) { return 0.0; }
  var value = select(tableau[packed(T + 1, i)], 0.0, is_ray);
  if (entering != NONE) { value -= step * tableau[packed(i, entering)]; }
  return scale[i] * max(0.0, value);
}

/// ⟨g_t, d⟩ with the ridge's share or, for t = T, ⟨a, d⟩; α and β stand in `scale`.
fn on_direction(t: u32, rho: f32) -> f32 {
  if (t == T) {
    var sum = scale[T] * constraint_square();
    for (var s = 0u; s < tasks; s++) { sum += scale[s] * on_constraint(s); }
    return sum;
  }
  var sum = scale[T] * on_constraint(t) + rho * scale[t];
  for (var s = 0u; s < tasks; s++) { sum += scale[s] * inner(t, s); }
  return sum;
}

/// See paretoGuidedCertificate; α and β stand in `scale`, the products with d in `column`.
fn certificate(rho: f32) -> f32 {
  let beta = scale[T];
  let on_a = column[T];
  let length_a = sqrt(constraint_square());
  var square = beta * on_a;
  var length = beta * length_a;
  for (var t = 0u; t < tasks; t++) {
    square += scale[t] * column[t];
    length += scale[t] * sqrt(max(0.0, inner(t, t) + rho));
  }
  if (square <= ROUNDING * length * length) { return 1.0; }
  let slack = ROUNDING * length;
  var least = min(square + beta * (on_a + slack * length_a), square - (beta - 1.0) * (on_a - slack * length_a));
  for (var t = 0u; t < tasks; t++) {
    if (!is_present(t)) { continue; }
    let row_length = sqrt(max(0.0, inner(t, t) + rho)) + beta * length_a;
    least = min(least, column[t] + beta * on_a + slack * row_length);
  }
  return least / square;
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  if (lane == 0) {
    tasks = T;
    entering = NONE;
  }
  workgroupBarrier();
  let rho = diagonal();
  for (var i = lane; i <= tasks; i += LANES) { column[i] = row_square(i, rho); }
  workgroupBarrier();

  var largest = SMALLEST;
  var has_zero_rows = false;
  for (var i = 0u; i <= tasks; i++) {
    largest = max(largest, column[i]);
    has_zero_rows = has_zero_rows || (i < T && column[i] == 0.0);
  }
  for (var i = lane; i <= tasks; i += LANES) {
    scale[i] = select(0.0, sqrt(largest / column[i]), column[i] > 0.0);
    passive[i] = 0;
  }
  workgroupBarrier();

  for (var i = lane; i <= tasks; i += LANES) {
    for (var j = 0u; j < i; j++) {
      tableau[packed(i, j)] = row_product(i, j) / largest * (scale[i] * scale[j]);
    }
    tableau[packed(i, i)] = 1.0;
    tableau[packed(T + 1, i)] = select(0.0, scale[i], i < T);
  }
  workgroupBarrier();

  for (var iteration = 0u; iteration < ITERATIONS; iteration++) {
    if (lane == 0) {
      if (has_zero_rows) { pivot = NONE; } else { pivot = choose_pivot(); }
    }
    let chosen = workgroupUniformLoad(&pivot);
    if (chosen == NONE) { break; }
    for (var i = lane; i <= tasks + 1; i += LANES) { column[i] = tableau[packed(i, chosen)]; }
    workgroupBarrier();
    for (var i = lane; i <= tasks + 1; i += LANES) { sweep_row(i, chosen); }
    workgroupBarrier();
    if (lane == 0) {
      passive[chosen] = 1 - passive[chosen];
      if (entering == chosen) { entering = NONE; }
    }
  }
  workgroupBarrier();

  for (var i = lane; i <= tasks; i += LANES) {
    let shares_zero = i < T && is_present(i) && scale[i] == 0.0;
    column[i] = select(point(i), select(0.0, 1.0, shares_zero), has_zero_rows);
  }
  workgroupBarrier();

  var total = 0.0;
  for (var i = 0u; i < tasks; i++) { total += column[i]; }
  for (var i = lane; i <= tasks; i += LANES) {
    scale[i] = column[i] / max(total, SMALLEST) + select(0.0, 1.0, i == T);
    solution[i] = scale[i];
  }
  workgroupBarrier();

  for (var i = lane; i <= tasks; i += LANES) { column[i] = on_direction(i, rho); }
  workgroupBarrier();

  if (lane == 0) { solution[T + 1] = certificate(rho); }
}
