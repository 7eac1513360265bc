// Files of every kind become the same rows, whatever their bytes look like.
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { type OpenOptions, openTable, readIdxImages, readIdxLabels } from '../../src/data/files/index.ts';
import { DataError, type Row } from '../../src/data/index.ts';
import { file, rowsOf } from './support.ts';

const read = async (name: string, content: string | Uint8Array, options?: OpenOptions) => {
  const table = await openTable(file(name, content), options);
  return { columns: table.columns, rows: await rowsOf(table) };
};

const people = {
  columns: ['age', 'job'],
  rows: [
    ['31', 'cook'],
    ['', 'clerk'],
  ],
};

describe('CSV', () => {
  test.each<[string, string | Uint8Array]>([
    ['plain', 'age,job\n31,cook\n,clerk\n'],
    ['without a last line end', 'age,job\n31,cook\n,clerk'],
    ['with CRLF', 'age,job\r\n31,cook\r\n,clerk\r\n'],
    ['with line ends of both kinds', 'age,job\r\n31,cook\n,clerk\r\n'],
    ['with a byte-order mark', '\ufeffage,job\n31,cook\n,clerk\n'],
    ['with quotes', '"age","job"\n"31","cook"\n"","clerk"\n'],
    ['with blank lines', '\nage,job\n\n31,cook\n \n,clerk\n\n\n'],
    ['with blanks around names', 'age , job\n31,cook\n,clerk\n'],
  ])('%s', async (_, content) => {
    expect(await read('people.csv', content)).toEqual(people);
  });

  test.each(['\t', '\\t'])('a tab as the delimiter may be written %j', async (delimiter) => {
    expect(await read('people.csv', 'age\tjob\n31\tcook\n\tclerk\n', { delimiter })).toEqual(people);
  });

  test('gzip is told by its content, with several members too, under either name', async () => {
    const content = Buffer.concat([gzipSync('age,job\n31,cook\n'), gzipSync(',clerk\n')]);
    expect(await read('people.csv.gz', content)).toEqual(people);
    expect(await read('people.csv', content)).toEqual(people);
  });

  test('tabs in .tsv, and any delimiter on request', async () => {
    expect(await read('people.tsv', 'age\tjob\n31\tcook\n\tclerk\n')).toEqual(people);
    expect(await read('people.csv', 'age;job\n31;cook\n;clerk\n', { delimiter: ';' })).toEqual(people);
  });

  test('cells that mean missing on request', async () => {
    expect(await read('people.csv', 'age,job\n31,cook\n NA,clerk\n', { missing: ['NA', '?'] })).toEqual(
      people,
    );
  });

  test('a column without a name is named by its place', async () => {
    expect((await read('people.csv', ',age\n1,31\n')).columns).toEqual(['column_1', 'age']);
  });

  test('in a table of one column a blank line is a missing cell', async () => {
    expect((await read('one.csv', 'age\n31\n\n54\n')).rows).toEqual([['31'], [''], ['54']]);
  });

  test('quoted cells hold delimiters, quotes and line ends', async () => {
    const { rows } = await read('quotes.csv', 'a,b\n"x, ""y""","1\r\n2\n"\n"","3"\n');
    expect(rows).toEqual([
      ['x, "y"', '1\n2\n'],
      ['', '3'],
    ]);
  });

  test('rows and characters across the pieces in which a file is read come out whole', async () => {
    const rows = Array.from({ length: 9000 }, (_, i) => [String(i), `é€𝄞 "${'x'.repeat(i % 90)}"\n,${i}`]);
    const content = ['n,text', ...rows.map((row) => row.map(quoted).join(','))].join('\n');
    expect(Buffer.byteLength(content)).toBeGreaterThan(2 * 262_144);
    expect((await read('large.csv', content)).rows).toEqual(rows);
    expect((await read('large.csv.gz', gzipSync(content))).rows).toEqual(rows);
  });

  test('places name the row and the line on which it begins', async () => {
    const table = await openTable(file('places.csv', 'a,b\n\n1,"x\ny"\n\n2,z\n'));
    for await (const { place } of table.batches()) {
      expect([place(0), place(1)]).toEqual([
        { row: 1, line: 3 },
        { row: 2, line: 6 },
      ]);
    }
  });
});

const quoted = (cell: string): string => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

describe('the CSV reader on generated files', () => {
  const cell = fc.oneof(
    fc.string({
      unit: fc.constantFrom('a', '1', ' ', ',', '"', '\n', '\r\n', 'é', '𝄞', ';', '\t'),
      maxLength: 6,
    }),
    fc.string({ unit: 'grapheme', maxLength: 4 }).filter((text) => !/[\r\0]/.test(text)),
  );

  test('gives back what was written', async () => {
    const tables = fc
      .integer({ min: 2, max: 5 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 9 }),
      );
    await fc.assert(
      fc.asyncProperty(tables, async (rows) => {
        const header = rows[0]!.map((_, c) => `c${c}`);
        const content = [header, ...rows].map((row) => row.map(quoted).join(',')).join('\r\n');
        const expected = rows.map((row) => row.map((text) => text.replaceAll('\r\n', '\n')));
        expect((await read('written.csv', content)).rows).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  test('ends in rows of the header’s width or in a one-line DataError, whatever the bytes', async () => {
    const soup = fc.string({
      unit: fc.constantFrom(
        ...'ab1,,,"";\t\n\n\r',
        '\r\n',
        '""',
        '","',
        '"\n',
        '\ufeff',
        'é',
        '\0',
        '\ufffd',
      ),
      maxLength: 60,
    });
    const content = fc.oneof(
      soup.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 40 }),
    );
    await fc.assert(
      fc.asyncProperty(
        content,
        fc.constantFrom('soup.csv', 'soup.tsv', 'soup.jsonl', 'soup.csv.gz', 'soup.parquet'),
        async (bytes, name) => {
          try {
            const { columns, rows } = await read(name, bytes);
            expect(rows.length).toBeGreaterThan(0);
            expect(rows.every((row: Row) => row.length === columns.length)).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(DataError);
            expect((error as DataError).message).toMatch(
              /\/soup[^\n\r]+: expected [^\n\r]+, got [^\n\r]+\. [^\n\r]+[.)]$/,
            );
          }
        },
      ),
      { numRuns: 600 },
    );
  });
});

describe('JSON Lines', () => {
  test('keys are columns; numbers, truth values, lists and null are cells', async () => {
    const content = '{"age": 31.5, "job": "cook"}\n\n{"job": null, "tags": ["a", "b"], "ok": true}\r\n';
    expect(await read('people.jsonl', content)).toEqual({
      columns: ['age', 'job', 'tags', 'ok'],
      rows: [
        ['31.5', 'cook', '', ''],
        ['', '', 'a|b', 'true'],
      ],
    });
  });
});

describe('Parquet', () => {
  test.each(['SNAPPY', 'UNCOMPRESSED'] as const)(
    '%s: numbers, texts, nulls, in several row groups',
    async (codec) => {
      const n = 10_000;
      const age = Array.from({ length: n }, (_, i) => (i % 7 === 0 ? null : i / 8));
      const job = Array.from({ length: n }, (_, i) => (i % 5 === 0 ? null : `job ${i % 3}`));
      const id = BigInt64Array.from({ length: n }, (_, i) => BigInt(i));
      const buffer = parquetWriteBuffer({
        columnData: [
          { name: 'id', data: id, type: 'INT64' },
          { name: 'age', data: age, type: 'DOUBLE' },
          { name: 'job', data: job, type: 'STRING' },
        ],
        codec,
        rowGroupSize: 3000,
      });
      const { columns, rows } = await read('people.parquet', new Uint8Array(buffer));
      expect(columns).toEqual(['id', 'age', 'job']);
      expect(rows).toEqual(age.map((years, i) => [String(i), String(years ?? ''), job[i] ?? '']));
    },
  );
});

describe('IDX', () => {
  const pictures = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 1, 2, 3, 254, 255];

  test('pictures, plain and gzip', async () => {
    for (const content of [Buffer.from(pictures), gzipSync(Buffer.from(pictures))]) {
      expect(await readIdxImages(file('pictures.idx', content))).toMatchObject({
        count: 2,
        height: 1,
        width: 3,
        pixels: Uint8Array.of(0, 1, 2, 3, 254, 255),
      });
    }
  });

  test('labels', async () => {
    expect(await readIdxLabels(file('labels.idx', Buffer.from([0, 0, 8, 1, 0, 0, 0, 2, 7, 9])))).toEqual(
      Uint8Array.of(7, 9),
    );
  });
});
