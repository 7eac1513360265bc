// Configs and tables for the tests of the config.
import { expect } from 'vitest';
import {
  type Config,
  ConfigError,
  ConfigSource,
  type Resolution,
  resolveConfig,
  validateConfig,
} from '../../src/config/index.ts';
import { type Table, tableOfRecords } from '../../src/data/index.ts';

/** Forty people, with columns of every kind. */
export const people: Table = tableOfRecords(
  'people.csv',
  Array.from({ length: 40 }, (_, i) => ({
    id: `p${i}`,
    age: 20 + ((i * 7) % 45),
    sex: i % 2 ? 'male' : 'female',
    city: ['Rome', 'Oslo', 'Bern'][i % 3],
    height: 150 + ((i * 13) % 50),
    hired: i % 3 === 0 ? 'yes' : 'no',
    degree: ['none', 'bachelor', 'master'][(i * 5) % 3],
    salary: 1000 + ((i * 37) % 900),
    set: i % 5 === 0 ? 'test' : 'train',
  })),
);

export function read(text: string): { source: ConfigSource; config: Config } {
  const source = new ConfigSource('people.yaml', text);
  return { source, config: validateConfig(source) };
}

export function resolveText(text: string, table: Table = people): Promise<Resolution> {
  const { source, config } = read(text);
  return resolveConfig(config, source, table);
}

/** The one line that a bad config is answered with. */
export async function complaint(text: string): Promise<string> {
  try {
    await resolveText(text);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const { message } = error as ConfigError;
    expect(message).not.toMatch(/[\n\r]/);
    return message;
  }
  throw new Error('nothing was thrown');
}
