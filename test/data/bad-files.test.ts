// Files that cannot be read as tables, and what their user is told.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type OpenOptions, openTable, readIdxImages, readIdxLabels } from '../../src/data/files/index.ts';
import { file, folderOf, messageOf, rowsOf } from './support.ts';

const reading = (path: string, options: OpenOptions = {}) =>
  messageOf(async () => rowsOf(await openTable(path, options)));

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

const good = 'age,sex\n31,F\n54,M\n';

describe('a table of text that cannot be read says where and why', () => {
  const cases: readonly [
    name: string,
    content: string | Uint8Array,
    message: string,
    options?: OpenOptions,
  ][] = [
    [
      'empty.csv',
      '',
      'empty.csv: expected a table with a header, got an empty file (0 bytes). Write the file anew.',
    ],
    [
      'blank.csv',
      '\n\n  \n',
      'blank.csv: expected a header row with the names of the columns, got no text. Write the file anew.',
    ],
    [
      'mark.csv',
      '\ufeff',
      'mark.csv: expected a header row with the names of the columns, got no text. Write the file anew.',
    ],
    [
      'header.csv',
      'age,sex\n',
      'header.csv: expected rows below the header, got a header of 2 columns and no row. Check that the file was written whole.',
    ],
    [
      'header2.csv',
      'age,sex',
      'header2.csv: expected rows below the header, got a header of 2 columns and no row. Check that the file was written whole.',
    ],
    [
      'header3.csv',
      'age,sex\n\n \n',
      'header3.csv: expected rows below the header, got a header of 2 columns and no row. Check that the file was written whole.',
    ],
    [
      'twice.csv',
      'age,sex,age\n1,F,2\n',
      'twice.csv, column "age": expected a name of its own for every column, got the same name for columns 1 and 3. Rename one of them in the header.',
    ],
    [
      'unnamed.csv',
      'column_2,\n1,2\n',
      'unnamed.csv, column "column_2": expected a name of its own for every column, got the same name for columns 1 and 2. Rename one of them in the header.',
    ],
    [
      'short.csv',
      'age,sex\n31,F\n54\n',
      'short.csv, row 2 (line 3): expected 2 cells, as in the header, got 1. Fill it up with empty cells; if the row broke at a line end, put double quotes around that cell.',
    ],
    [
      'long.csv',
      'age,job\n31,clerk\n54,cook, chief\n',
      'long.csv, row 2 (line 3): expected 2 cells, as in the header, got 3. Put double quotes around a cell that holds the delimiter or a line end.',
    ],
    [
      'after-quotes.csv',
      'age,job\n31,"a\nb\nc"\n\n54\n',
      'after-quotes.csv, row 2 (line 6): expected 2 cells, as in the header, got 1. Fill it up with empty cells; if the row broke at a line end, put double quotes around that cell.',
    ],
    [
      'semicolon.csv',
      'age;sex;job\n31;F;cook\n',
      'semicolon.csv, line 1: expected columns parted by ",", got one column, but 3 parted by semicolons. Set the delimiter to ";".',
    ],
    [
      'tabs.csv',
      'age\tsex\n31\tF\n',
      'tabs.csv, line 1: expected columns parted by ",", got one column, but 2 parted by tabs. Set the delimiter to "\\t".',
    ],
    [
      'bars.csv',
      'age|sex\n31|F\n',
      'bars.csv, line 1: expected columns parted by ",", got one column, but 2 parted by bars. Set the delimiter to "|".',
    ],
    [
      'commas.tsv',
      good,
      'commas.tsv, line 1: expected columns parted by "\\t", got one column, but 2 parted by commas. Set the delimiter to ",".',
    ],
    [
      'delimiter.csv',
      good,
      'delimiter.csv, line 1: expected columns parted by ";", got one column, but 2 parted by commas. Set the delimiter to ",".',
      { delimiter: ';' },
    ],
    [
      'open-quote.csv',
      'age,job\n31,cook\n54,"clerk\n20,smith\n',
      'open-quote.csv, line 3: expected a closing double quote, got the end of the file inside quotes. Close the quote that opens on this line; a quote inside quotes is written twice ("").',
    ],
    [
      'stray-quote.csv',
      'age,job\n31,cook\n54,"clerk" of works\n',
      'stray-quote.csv, row 2 (line 3): expected the delimiter or a line end after a closing double quote, got more text. Write a double quote inside quotes twice ("").',
    ],
    [
      'latin.csv',
      bytes('age,job\n31,cook\n54,ma', [0xee], 'tre\n'),
      'latin.csv, line 3: expected text in UTF-8, got the byte 0xee, which is none. Convert the file: iconv -f WINDOWS-1252 -t UTF-8 (or whatever its encoding is).',
    ],
    [
      'latin2.csv',
      bytes('age,job\n31,\ufffd\n54,ma', [0xee], 'tre\n'),
      'latin2.csv, line 3: expected text in UTF-8, got the byte 0xee, which is none. Convert the file: iconv -f WINDOWS-1252 -t UTF-8 (or whatever its encoding is).',
    ],
    [
      'cut-character.csv',
      bytes('age,job\n31,caf', [0xc3]),
      'cut-character.csv, line 2: expected text in UTF-8, got the byte 0xc3, which is none. Convert the file: iconv -f WINDOWS-1252 -t UTF-8 (or whatever its encoding is).',
    ],
    [
      'utf16.csv',
      bytes([0xff, 0xfe, 0x61, 0, 0x2c, 0, 0x62, 0]),
      'utf16.csv: expected text in UTF-8, got UTF-16. Save it as UTF-8: iconv -f UTF-16 -t UTF-8.',
    ],
    [
      'excel.csv',
      bytes([0x50, 0x4b, 3, 4, 20, 0, 6, 0]),
      'excel.csv: expected text in UTF-8, got a zip or Excel file. Save the sheet as CSV, or unzip it.',
    ],
    [
      'parquet.csv',
      'PAR1....',
      'parquet.csv: expected text in UTF-8, got a Parquet file. Give the file the ending .parquet.',
    ],
    [
      'binary.csv',
      bytes('a,b\n', [0, 1, 2, 3]),
      'binary.csv, line 2: expected text in UTF-8, got a zero byte, as in binary files. Give a CSV, TSV, JSON Lines or Parquet file.',
    ],
    [
      'mac.csv',
      `age,sex\r${'31,F\r'.repeat(4 << 20)}`,
      "mac.csv, line 1: expected lines that end in \\n or \\r\\n, got line ends of a bare \\r. Convert them: tr '\\r' '\\n'.",
    ],
    [
      'small-mac.csv',
      'age,sex\r31,F\r32,M\r',
      "small-mac.csv, line 1: expected lines that end in \\n or \\r\\n, got line ends of a bare \\r. Convert them: tr '\\r' '\\n'.",
    ],
    [
      'endless.csv',
      `age,sex\n${'1'.repeat(17 << 20)}`,
      'endless.csv, line 2: expected lines that end in \\n or \\r\\n, got a line of more than 16 MiB. Check that the file is a table of text.',
    ],
    [
      'endless-quote.csv',
      `age,job\n1,"${'x\n'.repeat(9 << 20)}"\n`,
      'endless-quote.csv, line 2: expected a closing double quote, got none within 16 MiB. Close the quote that opens on this line; a quote inside quotes is written twice ("").',
    ],
    [
      'plain.csv.gz',
      good,
      'plain.csv.gz: expected a gzip file, as its name says, got another. Take .gz off its name if it is plain text, or copy it again.',
    ],
    [
      'table.xlsx',
      good,
      'table.xlsx: expected a name that ends in .csv, .tsv, .jsonl, .ndjson (or these and .gz) or .parquet, got ".xlsx". Convert it, or give it the ending of its format.',
    ],
    [
      'table.json',
      '[{"a": 1}]',
      'table.json: expected a name that ends in .csv, .tsv, .jsonl, .ndjson (or these and .gz) or .parquet, got ".json". Write JSON Lines, an object a line, as .jsonl.',
    ],
    [
      'table',
      good,
      'table: expected a name that ends in .csv, .tsv, .jsonl, .ndjson (or these and .gz) or .parquet, got a name without an ending. Convert it, or give it the ending of its format.',
    ],
    [
      'faces.idx3-ubyte',
      good,
      'faces.idx3-ubyte: expected a table, got pictures (IDX). Give the table whose rows they belong to, and name this file under "images" (config) or --images.',
    ],
    [
      'list.jsonl',
      '{"age": 31}\n[54]\n',
      'list.jsonl, row 2 (line 2): expected one JSON object on the line, got "[54]". Write a row as {"age": 31, "job": "clerk"}, each on a line of its own.',
    ],
    [
      'nothing.jsonl',
      '{}\n',
      'nothing.jsonl: expected an object with keys on every line, got none. Write a row as {"age": 31, "job": "clerk"}, each on a line of its own.',
    ],
    [
      'nested.jsonl',
      '{"age": 31}\n\n{"age": {"years": 54}}\n',
      'nested.jsonl, row 2 (line 3), column "age": expected text, a number, true, false, null or a list of them, got an object. Flatten it into columns of their own.',
    ],
    [
      'late-key.jsonl',
      `${'{"income": 1}\n'.repeat(1000)}{"incom": 2}\n`,
      'late-key.jsonl, row 1001 (line 1001), column "incom": expected a key of the first 1000 rows ("income"), got a new one. Correct it, or give the key in an early row too (null is missing). Did you mean "income"?',
    ],
    [
      'no.parquet',
      good,
      'no.parquet: expected a sound Parquet file, got parquet file invalid (footer != PAR1). Check that it is Parquet and was copied whole.',
    ],
    [
      'no-delimiter.csv',
      good,
      'no-delimiter.csv: expected one character as the delimiter, and no double quote, got "". Example: delimiter: ";".',
      { delimiter: '' },
    ],
    [
      'long-delimiter.csv',
      good,
      'long-delimiter.csv: expected one character as the delimiter, and no double quote, got "||". Example: delimiter: ";".',
      { delimiter: '||' },
    ],
    [
      'quote-delimiter.csv',
      good,
      `quote-delimiter.csv: expected one character as the delimiter, and no double quote, got """. Example: delimiter: ";".`,
      { delimiter: '"' },
    ],
  ];
  test.each(cases)('%s', async (name, content, message, options) => {
    expect(await reading(file(name, content), options)).toBe(message);
  });

  test('a line that is no JSON', async () => {
    expect(await reading(file('broken.jsonl', '{"age": 31}\n{"age": \n'))).toMatch(
      /^broken\.jsonl, row 2 \(line 2\): expected one JSON object on the line, got "\{"age": " \(.+\)\. Write a row as/,
    );
  });
});

describe('a file that cannot be had says why', () => {
  test('a missing file names the nearest', async () => {
    file('people.csv', good);
    expect(await reading(join(folderOf(), 'poeple.csv'))).toBe(
      'poeple.csv: expected a file, got nothing at this path. Check the path. Did you mean people.csv?',
    );
  });

  test('a missing folder is named', async () => {
    expect(await reading(join(folderOf(), 'nowhere', 'people.csv'))).toBe(
      'nowhere/people.csv: expected a file, got nothing at this path. Check the path. The folder nowhere is not there either.',
    );
  });

  test('a directory names a table in it', async () => {
    const path = join(folderOf(), 'tables');
    mkdirSync(path);
    file('tables/a.txt', '');
    file('tables/b.csv.gz', '');
    expect(await reading(path)).toBe(
      'tables: expected a file, got a directory. Name a file in it. For example tables/b.csv.gz.',
    );
  });

  test('a pipe, which can be read but once', async () => {
    const path = join(folderOf(), 'pipe.csv');
    execFileSync('mkfifo', [path]);
    expect(await reading(path)).toBe(
      'pipe.csv: expected a file, got a pipe or a device. Write what comes out of it to a file first.',
    );
  });

  test.skipIf(process.getuid?.() === 0)(
    'a file without permission (skipped for root, who may read all)',
    async () => {
      const path = file('secret.csv', good);
      chmodSync(path, 0);
      expect(await reading(path)).toBe(
        'secret.csv: expected a file that may be read, got no permission. Change its permissions, or copy it.',
      );
    },
  );
});

describe('a gzip file that is not sound says so', () => {
  const zipped = gzipSync(good.repeat(1000));

  test('cut off', async () => {
    expect(await reading(file('cut.csv.gz', zipped.subarray(0, zipped.length - 20)))).toBe(
      'cut.csv.gz: expected a whole gzip file, got one that ends too early. It was cut off: copy or download it again (test: gzip -t).',
    );
  });

  test('damaged', async () => {
    const damaged = Uint8Array.from(zipped);
    damaged.fill(0xff, 30, 40);
    expect(await reading(file('damaged.csv.gz', damaged))).toMatch(
      /^damaged\.csv\.gz: expected a sound gzip file, got a damaged one \(.+\)\. Copy or download it again \(test: gzip -t\)\.$/,
    );
  });
});

describe('an IDX file that is none, or not whole, says so', () => {
  const header = (...sizes: number[]): number[] => [
    0,
    0,
    8,
    sizes.length,
    ...sizes.flatMap((size) => [0, 0, 0, size]),
  ];

  test.each([
    [
      'text.idx',
      bytes(good),
      'text.idx: expected an IDX file of bytes (it begins 00 00 08), got one that begins 6167652c. Check that it is the right file and was copied whole.',
    ],
    [
      'short.idx',
      bytes([0, 0, 8]),
      'short.idx: expected an IDX file of bytes (it begins 00 00 08), got one that begins 000008. Check that it is the right file and was copied whole.',
    ],
    [
      'cut.idx',
      bytes(header(2, 2, 2), [1, 2, 3]),
      'cut.idx: expected 8 bytes after the header (2 × 2 × 2), got 3. Check that it is the right file and was copied whole.',
    ],
    [
      'labels.idx',
      bytes(header(3), [1, 2, 3]),
      'labels.idx: expected pictures (3 dimensions: count, height, width), got 1 dimensions. Check that it is the right file and was copied whole.',
    ],
  ])('%s', async (name, content, message) => {
    expect(await messageOf(() => readIdxImages(file(name, content)))).toBe(message);
  });

  test('pictures where labels are due', async () => {
    expect(await messageOf(() => readIdxLabels(file('pictures.idx', bytes(header(1, 1, 1), [7]))))).toBe(
      'pictures.idx: expected labels (1 dimension), got 3 dimensions. Check that it is the right file and was copied whole.',
    );
  });
});
