// Growing matrices in blocks.
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { RowBlocks } from '../../src/data/collect/blocks.ts';
import { Dictionary } from '../../src/data/collect/dictionary.ts';
import { allocate } from '../../src/data/encode/rows.ts';

const filled = (width: number, rows: number): RowBlocks<'f32'> => {
  const matrix = new RowBlocks('f32', width);
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < width; c++) matrix.stage[matrix.offset + c] = i + c / 8;
    matrix.next();
  }
  return matrix;
};

describe('RowBlocks', () => {
  test('holds every row in order, however many blocks there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 60_000 }), (width, rows) => {
        const flat = filled(width, rows).flat(rows);
        expect(flat.length).toBe(width * rows);
        for (let i = 0; i < flat.length; i++)
          if (flat[i] !== Math.floor(i / width) + (i % width) / 8) expect.unreachable(`cell ${i}`);
      }),
      { numRuns: 15 },
    );
  });

  test('holds indices in as few bytes as the largest of a block needs, and flat in as few as the largest of all', () => {
    fc.assert(
      fc.property(fc.constantFrom(255, 256, 65_535, 65_536, 2 ** 32 - 1), fc.nat(29_999), (largest, at) => {
        const matrix = new RowBlocks('u32', 1);
        for (let i = 0; i < 30_000; i++) {
          matrix.stage[matrix.offset] = i === at ? largest : i % 200;
          matrix.next();
        }
        const bytes = [...matrix.blocks()].slice(0, -1).map(({ data }) => data.BYTES_PER_ELEMENT);
        expect(bytes.length).toBeGreaterThan(0);
        const flat = matrix.flat(30_000);
        expect(flat.BYTES_PER_ELEMENT).toBe(largest < 2 ** 8 ? 1 : largest < 2 ** 16 ? 2 : 4);
        expect(Math.max(...bytes)).toBeLessThanOrEqual(flat.BYTES_PER_ELEMENT);
        for (let i = 0; i < 30_000; i++) {
          if (flat[i] !== (i === at ? largest : i % 200)) expect.unreachable(`row ${i}`);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('gives the memory of a block back as soon as the next is asked for', () => {
    const matrix = filled(8, 100_000);
    const seen: Float32Array[] = [];
    for (const { data } of matrix.drain()) {
      expect(seen.every(({ byteLength }) => byteLength === 0)).toBe(true);
      expect(data.length).toBeGreaterThan(0);
      if (data.buffer !== matrix.stage.buffer) seen.push(data);
    }
    expect(seen.length).toBeGreaterThan(3);
    expect([...matrix.blocks()]).toEqual([]);
  });

  test('a matrix without columns has no blocks', () => {
    expect([...filled(0, 10).blocks()]).toEqual([]);
  });
});

describe('an array of a whole table', () => {
  test('is zeros, [rows, width]', () => {
    expect(allocate(Uint8Array, 3, 2)).toEqual(new Uint8Array(6));
  });

  test('that is longer than any array is an error that says how large', () => {
    expect(() => allocate(Float32Array, 2 ** 31, 8)).toThrow(
      'expected a table that fits into memory, got 2147483648 rows of 8 numbers, 68.7 GB in one array. Take fewer rows',
    );
  });
});

describe('Dictionary', () => {
  test('codes texts in order of appearance, blanks at their ends apart; 0 is missing', () => {
    const dictionary = new Dictionary('x');
    const codes = ['b', 'a', ' b ', '', '  ', 'a', 'b b'].map((cell) => dictionary.code(cell));
    expect(codes).toEqual([1, 2, 1, 0, 0, 2, 3]);
    expect(dictionary.texts).toEqual(['', 'b', 'a', 'b b']);
  });

  test('says so where a Map holds no more texts', () => {
    const dictionary = new Dictionary('id');
    const set = vi.spyOn(Map.prototype, 'set').mockImplementation(() => {
      throw new RangeError('Map maximum size exceeded');
    });
    expect(() => dictionary.code('one too many')).toThrow(
      'column "id": expected a column of few different values, got more than 1',
    );
    set.mockRestore();
  });
});
