import { ACCOUNT_PROBLEMS } from './accounts.ts';
import { CONSOLE_PROBLEMS } from './consoles.ts';
import { IMPORT_PROBLEMS } from './imports.ts';
import { LOGIN_ID_PROBLEMS } from './login-ids.ts';
import { MAIL_PROBLEMS } from './mails.ts';
import { NOTICE_PROBLEMS } from './notices.ts';
import { OPERATOR_PROBLEMS } from './operators.ts';
import { PLAN_PROBLEMS } from './plans.ts';
import type { ProblemList } from './problem-words.ts';
import { REQUEST_PROBLEMS } from './requests.ts';
import { SETTING_PROBLEMS } from './settings.ts';

/** Every problem that the operator API and the console API answer: a closed list, each in both languages. */
export const PROBLEMS = {
  ...REQUEST_PROBLEMS,
  ...OPERATOR_PROBLEMS,
  ...ACCOUNT_PROBLEMS,
  ...IMPORT_PROBLEMS,
  ...LOGIN_ID_PROBLEMS,
  ...CONSOLE_PROBLEMS,
  ...PLAN_PROBLEMS,
  ...MAIL_PROBLEMS,
  ...NOTICE_PROBLEMS,
  ...SETTING_PROBLEMS,
} as const satisfies ProblemList;

export type ProblemCode = keyof typeof PROBLEMS;
