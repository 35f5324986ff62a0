/** How commands end; docs/operators/cli.md tells operators of them, and a test that both say the same. */
export const EXIT = {
  /** Done; or there was nothing to do. */
  done: 0,
  /** Refused, or not found, or what was typed is no command; standard error says why and what to do next. With `--json` the reason stands in the answer as well. */
  refused: 1,
  /** `audit`: nothing was found out or done, because the command could not begin; 1 means there that the log was altered. */
  notBegun: 2,
  /** `rehearse`: somebody would be locked out. */
  lockedOut: 3,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
} as const;
