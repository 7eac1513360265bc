/** Everything is well; something failed or was ended; the input cannot be used. */
export type ExitCode = 0 | 1 | 2;
