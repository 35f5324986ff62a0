import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { commonWordsJudge } from './common-words.ts';
import { normalised } from './password-hash.ts';

export type PasswordFault =
  | 'too-short'
  | 'too-long'
  | 'no-lower-case'
  | 'no-upper-case'
  | 'no-digit'
  | 'no-symbol'
  | 'contains-address'
  | 'too-common';

/** The rules of the installation (R5): settings, shown the same wherever somebody chooses a password. */
export type PasswordRules = {
  readonly minimumLength: number;
  readonly maximumLength: number;
  readonly classes: boolean;
};

export const DEFAULT_PASSWORD_RULES: PasswordRules = { minimumLength: 8, maximumLength: 128, classes: true };

/** What an attacker who knows the person or the product would try first. */
export type PasswordContext = { readonly emailAddress: string; readonly words?: readonly string[] };

/**
 * The written rules that a new password breaks, in the order in which the page lists them; see `passwordFaults` for the judgement beyond them.
 * Classes are read generously: letters of any script that has case count, and whatever is neither letter nor digit is a symbol, a space too.
 */
export function ruleFaults(
  password: string,
  context: PasswordContext,
  rules: PasswordRules,
): readonly PasswordFault[] {
  const text = normalised(password);
  const length = [...text].length;
  const faults: PasswordFault[] = [];
  if (length < rules.minimumLength) faults.push('too-short');
  if (length > rules.maximumLength) faults.push('too-long');
  if (rules.classes) {
    if (!/\p{Ll}/u.test(text)) faults.push('no-lower-case');
    if (!/\p{Lu}/u.test(text)) faults.push('no-upper-case');
    if (!/\p{Nd}/u.test(text)) faults.push('no-digit');
    if (!/[^\p{L}\p{Nd}]/u.test(text)) faults.push('no-symbol');
  }
  if (containsAddress(text, context.emailAddress)) faults.push('contains-address');
  return faults;
}

/**
 * Every rule that a new password breaks, what guessing would find soon included (a word or pattern in it, and zxcvbn score below 3; NIST SP 800-63B §3.1.1.2). That judgement costs up to a
 * tenth of a second of the event loop, so ask for it only when the person has proved something; and it is made last and alone, because a
 * password that must change anyway needs no second reason.
 */
export async function passwordFaults(
  password: string,
  context: PasswordContext,
  rules: PasswordRules,
): Promise<readonly PasswordFault[]> {
  const faults = ruleFaults(password, context, rules);
  return faults.length === 0 && (await isGuessable(normalised(password), context)) ? ['too-common'] : faults;
}

/** Reads the dictionaries (about 0.3 s, in a thread), so that the first person who sets a password does not wait for it. */
export async function warmPasswordRules(): Promise<void> {
  await judge();
}

function containsAddress(password: string, emailAddress: string): boolean {
  const [local = '', domain = ''] = emailAddress.toLowerCase().split('@');
  const text = password.toLowerCase();
  return (local.length >= 3 && text.includes(local)) || (domain.length >= 4 && text.includes(domain));
}

async function isGuessable(password: string, context: PasswordContext): Promise<boolean> {
  const library = await judge();
  const words = [context.emailAddress, ...(context.words ?? [])].flatMap((word) => [
    word,
    ...word.split(/[\s@.+_-]+/),
  ]);
  const known = [...PRODUCT_WORDS, ...words.filter((word) => word.length >= 3)];
  // The library loses sight of a word with several letters bent ("N@k@h@r@"), so the usual ones are read straight as well.
  const straight = password.replace(/[@0$]/g, (bent) => BENT[bent as keyof typeof BENT]);
  return [...new Set([password, straight])].some((text) => {
    const { score, sequence } = library.check(text, known);
    // Without any word or pattern in it there is nothing to guess by: eight such characters never reach score 3, and R5 allows eight.
    return score < 3 && sequence.some((part) => part.pattern !== 'bruteforce');
  });
}

const BENT = { '@': 'a', '0': 'o', $: 's' } as const;
const PRODUCT_WORDS = [
  'hitokagi',
  'ヒトカギ',
  '一鍵',
  'zettai',
  'reach',
  'zettaireach',
  '絶対リーチ',
  'sms',
  'login',
  'password',
  'パスワード',
];

let judging: Promise<ZxcvbnFactory> | undefined;
function judge(): Promise<ZxcvbnFactory> {
  judging ??= commonWordsJudge(LIMITS).catch((error: unknown) => {
    judging = undefined;
    throw error;
  });
  return judging;
}

/** These two bound what a judgement costs, for anyone can ask for one: with the library's own limits 64 figures stop the event loop for 0.8 s. */
export const LIMITS = { maxLength: 32, l33tMaxSubstitutions: 8 };
