import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { philox4x32, Random } from '../../src/tensor/random.ts';

const hex = (words: Uint32Array) => [...words].map((word) => word.toString(16).padStart(8, '0')).join(' ');
const seed = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const draws = (random: Random, count: number) => Array.from({ length: count }, () => random.uint32());

describe('philox4x32', () => {
  it("gives Random123's known answers", () => {
    const ones = [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff];
    const pi = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
    expect(hex(philox4x32([0, 0], [0, 0, 0, 0]))).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
    expect(hex(philox4x32(ones, ones))).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
    expect(hex(philox4x32([0xa4093822, 0x299f31d0], pi))).toBe('d16cfe09 94fdcceb 5001e420 24126ea1');
  });
});

describe('Random', () => {
  it('draws the blocks of its key in order', () => {
    const first = philox4x32([7, 0], [0, 0, 0, 0]);
    const second = philox4x32([7, 0], [1, 0, 0, 0]);
    expect(draws(new Random(7), 8)).toEqual([...first, ...second]);
  });

  it('keeps the high word of a seed', () => {
    expect(draws(new Random(2 ** 32), 4)).toEqual([...philox4x32([0, 1], [0, 0, 0, 0])]);
  });

  it('pins the first normals of seed 1, so that a change of the sequence shows', () => {
    const random = new Random(1);
    const normals = [random.normal(), random.normal(), random.normal()];
    expect(normals).toEqual([0.925014703012173, 2.035965661635747, -0.9835357762404116]);
  });

  it('forks independently of what was drawn before, and differently per stream', () => {
    fc.assert(
      fc.property(seed, fc.nat(20), fc.nat(1000), (s, drawn, stream) => {
        const used = new Random(s);
        draws(used, drawn);
        const forked = draws(used.fork(stream), 4);
        expect(forked).toEqual(draws(new Random(s).fork(stream), 4));
        expect(forked).not.toEqual(draws(new Random(s).fork(stream + 1), 4));
        expect(forked).not.toEqual(draws(new Random(s).fork(String(stream)), 4));
        expect(forked).not.toEqual(draws(new Random(s), 4));
      }),
    );
  });

  it('has the mean, variance and kurtosis of the uniform and the normal distribution', () => {
    const random = new Random(11);
    const n = 100_000;
    const moment = (draw: () => number, power: number) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += draw() ** power;
      return sum / n;
    };
    expect(moment(() => random.uniform(), 1)).toBeCloseTo(1 / 2, 2);
    expect(moment(() => random.uniform(), 2)).toBeCloseTo(1 / 3, 2);
    expect(Math.abs(moment(() => random.normal(), 1))).toBeLessThan(0.015);
    expect(Math.abs(moment(() => random.normal(), 2) - 1)).toBeLessThan(0.02);
    expect(Math.abs(moment(() => random.normal(), 4) - 3)).toBeLessThan(0.15);
  });

  it('draws every integer below n about equally often, also when n does not divide 2^32', () => {
    const random = new Random(3);
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 60_000; i++) counts[random.int(6)]! += 1;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(20.5); // the 0.1 % point at 5 degrees of freedom
    const large = 3 * 2 ** 30;
    let low = 0;
    for (let i = 0; i < 30_000; i++) if (random.int(large) < 2 ** 30) low += 1;
    expect(Math.abs(low - 10_000)).toBeLessThan(330); // modulo bias would give 15,000
  });

  it('permutes: every order of three comes up about equally often, and no element is lost', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 0, max: 200 }), (s, n) => {
        const sorted = new Random(s).permutation(n).sort();
        expect([...sorted]).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
    const random = new Random(5);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = random.shuffle(['a', 'b', 'c']).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(130);
  });

  it('names what is wrong with a seed, a stream or a bound', () => {
    for (const bad of [-1, 1.5, Number.NaN, 2 ** 53]) expect(() => new Random(bad)).toThrow(/seed must be/);
    expect(() => new Random(0).fork(-1)).toThrow(/numbered stream/);
    for (const bad of [0, -3, 2.5, 2 ** 33]) expect(() => new Random(0).int(bad)).toThrow(/from 1 to 2\^32/);
  });
});
