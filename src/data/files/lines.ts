// A file as text in pieces of whole lines, UTF-8 without byte-order mark, line ends made \n. Strict: bytes that are no
// UTF-8 are an error that names the line. Plain ASCII, the usual case, takes the fast way.
import { isAscii, isUtf8 } from 'node:buffer';
import { DataError } from '../errors.ts';
import { fileBytes } from './bytes.ts';

const NEWLINE = 10;
/** A line or quoted cell longer than this is a mistake, and would fill the memory. */
export const LONGEST_ROW = 16 << 20;

export interface LinePiece {
  /** Whole lines; only the last of the file may lack its line end. */
  readonly text: string;
  /** 1-based number of its first line. */
  readonly line: number;
  /** The share of the file that was read up to here. */
  readonly fraction: number;
}

export interface TextFile {
  readonly path: string;
  readonly size: number;
  readonly gzip: boolean;
}

export async function* linePieces({ path, size, gzip }: TextFile): AsyncGenerator<LinePiece> {
  let read = 0;
  let line = 1;
  let rest: Buffer[] = [];
  const piece = (bytes: Buffer): LinePiece => {
    const text = decode(path, bytes, line);
    const result = { text, line, fraction: Math.min(1, read / size) };
    line += countLines(text);
    return result;
  };
  for await (const chunk of fileBytes(path, gzip, (bytes) => {
    read += bytes;
  })) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      yield piece(
        rest.length === 0 ? chunk.subarray(0, end) : Buffer.concat([...rest, chunk.subarray(0, end)]),
      );
      rest = [];
    }
    if (end < chunk.length) rest.push(Buffer.from(chunk.subarray(end)));
    checkLength(path, rest, line);
  }
  if (rest.length > 0) yield piece(Buffer.concat(rest));
}

/** The number of line ends in a text. */
export function countLines(text: string, end = text.length): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function checkLength(path: string, rest: readonly Buffer[], line: number): void {
  if (rest.reduce((sum, { length }) => sum + length, 0) <= LONGEST_ROW) return;
  if (rest[0]!.includes(13)) throw bareReturns(path, line);
  throw new DataError({
    file: path,
    line,
    expected: LINE_ENDS,
    got: 'a line of more than 16 MiB',
    remedy: 'Check that the file is a table of text.',
  });
}

const LINE_ENDS = 'lines that end in \\n or \\r\\n';

/** The line ends of old Macs, which make one line of the whole file. */
export function bareReturns(path: string, line: number): DataError {
  const remedy = "Convert them: tr '\\r' '\\n'.";
  return new DataError({ file: path, line, expected: LINE_ENDS, got: 'line ends of a bare \\r', remedy });
}

function decode(path: string, bytes: Buffer, line: number): string {
  if (line === 1) checkStart(path, bytes);
  checkNoZero(path, bytes, line);
  const hasMark = line === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const content = hasMark ? bytes.subarray(3) : bytes;
  const text = isAscii(content) ? content.toString('latin1') : utf8(path, content, line);
  return text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
}

function utf8(path: string, bytes: Buffer, line: number): string {
  const text = bytes.toString('utf8');
  if (isUtf8(bytes)) return text;
  const { characters, byte } = firstInvalid(text, bytes);
  throw new DataError({
    file: path,
    line: line + countLines(text, characters),
    expected: 'text in UTF-8',
    got: `the byte 0x${byte.toString(16).padStart(2, '0')}, which is none`,
    remedy: 'Convert the file: iconv -f WINDOWS-1252 -t UTF-8 (or whatever its encoding is).',
  });
}

/** The first replacement character of the decoder that does not stand in the file itself. */
function firstInvalid(text: string, bytes: Buffer): { characters: number; byte: number } {
  let characters = text.indexOf('\ufffd');
  let offset = Buffer.byteLength(text.slice(0, characters));
  while (bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd) {
    const next = text.indexOf('\ufffd', characters + 1);
    offset += Buffer.byteLength(text.slice(characters, next));
    characters = next;
  }
  return { characters, byte: bytes[offset]! };
}

function checkNoZero(path: string, bytes: Buffer, line: number): void {
  const at = bytes.indexOf(0);
  if (at < 0) return;
  throw new DataError({
    file: path,
    line: line + countLines(bytes.toString('latin1'), at),
    expected: 'text in UTF-8',
    got: 'a zero byte, as in binary files',
    remedy: 'Give a CSV, TSV, JSON Lines or Parquet file.',
  });
}

/** Files that are no text are told by their first bytes. */
function checkStart(path: string, bytes: Buffer): void {
  const starts = (...magic: number[]): boolean => magic.every((byte, i) => bytes[i] === byte);
  const fail = (got: string, remedy: string): never => {
    throw new DataError({ file: path, expected: 'text in UTF-8', got, remedy });
  };
  if (starts(0xff, 0xfe) || starts(0xfe, 0xff)) fail('UTF-16', 'Save it as UTF-8: iconv -f UTF-16 -t UTF-8.');
  if (starts(0x50, 0x4b, 3, 4)) fail('a zip or Excel file', 'Save the sheet as CSV, or unzip it.');
  if (starts(0x50, 0x41, 0x52, 0x31)) fail('a Parquet file', 'Give the file the ending .parquet.');
  if (bytes.subarray(0, 1024).includes(0))
    fail('a binary file', 'Give a CSV, TSV, JSON Lines or Parquet file.');
}
