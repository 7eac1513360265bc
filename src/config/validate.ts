// A config's value against the schema. What zod reports becomes one line at the node it speaks of, with the nearest key
// or word where one was probably meant.
import { z } from 'zod';
import { quote, quoteList } from '../data/errors.ts';
import { didYouMean, nearest } from '../data/nearest.ts';
import type { ConfigError } from './errors.ts';
import { type Config, configSchema } from './schema.ts';
import { type ConfigSource, type Path, showValue } from './source.ts';

type Issue = z.core.$ZodIssue;

/** @throws ConfigError for the first thing that is wrong */
export function validateConfig(source: ConfigSource): Config {
  const result = configSchema.safeParse(source.value);
  if (result.success) return result.data;
  throw errorOf(source, mostTelling(result.error.issues), []);
}

function errorOf(source: ConfigSource, issue: Issue, above: Path): ConfigError {
  const path = [...above, ...issue.path];
  const value = valueAt(source.value, path);
  const fail = (expected: string, remedy: string, got = showValue(value), at = path) =>
    source.error(at, { expected, got, remedy });
  switch (issue.code) {
    case 'unrecognized_keys': {
      const key = issue.keys[0]!;
      const known = keysAt(configSchema, path, source.value);
      const remedy = `Correct or remove it.${didYouMean(key, known)}`;
      return fail(known.length > 0 ? `a key among ${known.join(', ')}` : 'a known key', remedy, quote(key), [
        ...path,
        key,
      ]);
    }
    case 'invalid_union': {
      if ('discriminator' in issue && issue.discriminator !== undefined) {
        return fail(oneOf(optionsOf(issue)), suggestion(value, optionsOf(issue)));
      }
      return unionError(source, issue.errors, path, fail);
    }
    case 'invalid_value':
      return fail(oneOf(issue.values.map(String)), suggestion(value, issue.values.map(String)));
    case 'invalid_key':
      return keyError(source, issue.issues, path);
    case 'invalid_type':
      return fail(
        typeNames[issue.expected] ?? issue.expected,
        value === undefined ? 'Add it.' : 'Correct it.',
      );
    case 'too_small': {
      const least = `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
      return fail(sized(issue.origin, least), 'Correct it.');
    }
    case 'too_big': {
      const most = `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
      return fail(sized(issue.origin, most), 'Correct it.');
    }
    default:
      return fail('another value', `${issue.message}.`);
  }
}

/** A misspelt key comes before the key that is missing because of it. */
function mostTelling(issues: readonly Issue[]): Issue {
  return issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
}

const typeNames: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
};

function sized(origin: string, limit: string): string {
  if (origin === 'array') return `a list of ${limit}`;
  return origin === 'string' ? `text of ${limit} character(s)` : `a number, ${limit}`;
}

const oneOf = (options: readonly string[]): string =>
  options.length === 1 ? quote(options[0]!) : `one of ${quoteList(options, 20)}`;

function suggestion(value: unknown, options: readonly string[]): string {
  return `Correct it.${typeof value === 'string' ? didYouMean(value, options) : ''}`;
}

function optionsOf(issue: Issue): string[] {
  return 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
}

/** Of the forms that a value may have, the one that was probably meant: of the right kind, with the fewest faults. */
function unionError(
  source: ConfigSource,
  branches: readonly Issue[][],
  path: Path,
  fail: (expected: string, remedy: string) => ConfigError,
): ConfigError {
  const ofKind = branches.filter((issues) => !issues.some(isWrongKind));
  const [likeliest] = ofKind.sort((a, b) => a.length - b.length);
  if (likeliest) return errorOf(source, mostTelling(likeliest), path);
  const words = branches
    .flat()
    .flatMap((issue) => (issue.code === 'invalid_value' ? issue.values.map(String) : []));
  const value = valueAt(source.value, path);
  if (words.length > 0 && typeof value === 'string') return fail(oneOf(words), suggestion(value, words));
  const kinds = branches
    .flat()
    .flatMap((issue) => (issue.code === 'invalid_type' ? [typeNames[issue.expected] ?? issue.expected] : []));
  return fail([...new Set(kinds)].join(' or '), 'Correct it.');
}

/** Whether a branch of a union is ruled out as a whole: text where a list is due, or another word than it allows. */
function isWrongKind({ code, path }: Issue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
}

/** A key of a record that is none of the names it may have. */
function keyError(source: ConfigSource, issues: readonly Issue[], path: Path): ConfigError {
  const names = issues.flatMap((issue) => (issue.code === 'invalid_value' ? issue.values.map(String) : []));
  const key = String(path.at(-1));
  const meant = nearest(key, names);
  return source.error(path, {
    expected: `a name among ${names.join(', ')}`,
    got: quote(key),
    remedy: `Correct or remove it.${meant === undefined ? '' : ` Did you mean ${quote(meant)}?`}`,
  });
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

/** The keys that may stand in the map at `path`. */
function keysAt(schema: z.core.$ZodType, path: Path, value: unknown): readonly string[] {
  const [key, ...rest] = path;
  const child = key === undefined ? undefined : (value as Record<PropertyKey, unknown> | undefined)?.[key];
  if (schema instanceof z.ZodExactOptional) return keysAt(schema.unwrap(), path, value);
  if (schema instanceof z.ZodUnion) {
    return schema.options
      .filter((option) => isMeant(schema, option, value))
      .flatMap((option) => keysAt(option, path, value));
  }
  if (schema instanceof z.ZodArray) return keysAt(schema.element, rest, child);
  if (schema instanceof z.ZodRecord)
    return schema.keyType instanceof z.ZodEnum ? schema.keyType.options.map(String) : [];
  if (!(schema instanceof z.ZodObject)) return [];
  if (key === undefined) return Object.keys(schema.shape);
  const next = schema.shape[String(key)];
  return next ? keysAt(next, rest, child) : [];
}

/** Of a union told apart by a key, only the member that the value names. */
function isMeant(union: z.ZodUnion, option: z.core.$ZodType, value: unknown): boolean {
  if (!(union instanceof z.ZodDiscriminatedUnion) || !(option instanceof z.ZodObject)) return true;
  const { discriminator } = union.def;
  const word = (value as Record<string, unknown> | undefined)?.[discriminator];
  return option.shape[discriminator].safeParse(word).success;
}
