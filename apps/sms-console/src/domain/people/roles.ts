import type { PersonRole } from '#support/db/schema.ts';

/** What is done in a company's name. Everybody may see; to change something takes a role. */
export const ACTS = [
  /** Campaigns, results, addresses, templates. */
  'see',
  /** Write, confirm, pause, resume and cancel campaigns. */
  'send',
  'change-templates',
  'change-addresses',
  'change-opt-outs',
  /** Quiet hours, long messages, monthly limit. */
  'change-rules',
  'manage-keys',
  'manage-people',
] as const;
export type Act = (typeof ACTS)[number];

/** The one with the most rights first. */
export const ROLES = ['administrator', 'sender', 'viewer'] as const satisfies readonly PersonRole[];

/** Which role may do what. */
export const RIGHTS: Readonly<Record<PersonRole, readonly Act[]>> = {
  administrator: ACTS,
  sender: ['see', 'send', 'change-templates', 'change-addresses', 'change-opt-outs'],
  viewer: ['see'],
};

/** Whether a person of this role may do it. */
export function mayDo(role: PersonRole, act: Act): boolean {
  return RIGHTS[role].includes(act);
}
