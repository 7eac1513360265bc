// What is wrong with a config, said in one line: file, line and column, key, what was expected, what came, the remedy.

export interface ConfigProblem {
  readonly file: string;
  /** 1-based, of the YAML or JSON node. */
  readonly line?: number;
  readonly column?: number;
  /** Such as `tasks[0].notion`. */
  readonly key?: string;
  readonly expected: string;
  readonly got: string;
  readonly remedy: string;
}

/** The user's config cannot be used; the CLI exits with 2. */
export class ConfigError extends Error implements ConfigProblem {
  override readonly name = 'ConfigError';
  readonly file: string;
  declare readonly line?: number;
  declare readonly column?: number;
  declare readonly key?: string;
  readonly expected: string;
  readonly got: string;
  readonly remedy: string;

  constructor(problem: ConfigProblem, options?: ErrorOptions) {
    const { file, line, column, key, expected, got, remedy } = problem;
    const place = [file, line, line === undefined ? undefined : column]
      .filter((part) => part !== undefined)
      .join(':');
    super(`${place}: ${key ? `${key}: ` : ''}expected ${expected}, got ${got}. ${remedy}`, options);
    this.file = file;
    if (line !== undefined) this.line = line;
    if (column !== undefined) this.column = column;
    if (key !== undefined) this.key = key;
    this.expected = expected;
    this.got = got;
    this.remedy = remedy;
  }
}
