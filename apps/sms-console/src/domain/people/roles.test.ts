import { describe, expect, test } from 'vitest';
import type { PersonRole } from '#support/db/schema.ts';
import { ACTS, mayDo, type Act } from './roles.ts';

/** Written out once more, so that a right that was given by mistake is noticed. */
const WRITTEN: Readonly<Record<Act, readonly PersonRole[]>> = {
  see: ['administrator', 'sender', 'viewer'],
  send: ['administrator', 'sender'],
  'change-templates': ['administrator', 'sender'],
  'change-addresses': ['administrator', 'sender'],
  'change-opt-outs': ['administrator', 'sender'],
  'change-rules': ['administrator'],
  'manage-keys': ['administrator'],
  'manage-people': ['administrator'],
};

describe('R29: roles of a company', () => {
  const roles = ['administrator', 'sender', 'viewer'] as const;
  test.each(ACTS.flatMap((act) => roles.map((role) => [act, role] as const)))('%s as %s', (act, role) => {
    expect(mayDo(role, act)).toBe(WRITTEN[act].includes(role));
  });
});
