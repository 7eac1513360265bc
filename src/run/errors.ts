// What is wrong with a run folder or a file in it, said in one line.

export interface RunProblem {
  readonly file: string;
  readonly expected: string;
  readonly got: string;
  readonly remedy: string;
}

/** A file or folder cannot be used or written; the CLI exits with 2. */
export class RunError extends Error implements RunProblem {
  override readonly name = 'RunError';
  readonly file: string;
  readonly expected: string;
  readonly got: string;
  readonly remedy: string;

  constructor({ file, expected, got, remedy }: RunProblem, options?: ErrorOptions) {
    super(`${file}: expected ${expected}, got ${got}. ${remedy}`, options);
    this.file = file;
    this.expected = expected;
    this.got = got;
    this.remedy = remedy;
  }
}

const reasons: Record<string, readonly [got: string, remedy: string]> = {
  ENOSPC: ['a full disk', 'Free some space, or choose another folder with --out.'],
  EDQUOT: ['a full quota', 'Free some space, or choose another folder with --out.'],
  EFBIG: ['a limit on the size of files', 'Raise it (ulimit -f), or choose another folder with --out.'],
  EROFS: ['a read-only file system', 'Choose another folder with --out.'],
  EACCES: ['no permission', 'Change its permissions, or choose another folder with --out.'],
  EPERM: ['no permission', 'Change its permissions, or choose another folder with --out.'],
  ENOTDIR: ['a file where a folder is due', 'Choose another folder with --out.'],
  EISDIR: ['a folder where a file is due', 'Choose another name.'],
  ENOENT: ['no such file or folder', 'Check the path.'],
};

/** A failure of the file system as a `RunError`; any other error as it is. */
export function fileError(error: unknown, file: string, expected: string): unknown {
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
  if (!reason) return error;
  return new RunError({ file, expected, got: reason[0], remedy: reason[1] }, { cause: error });
}
