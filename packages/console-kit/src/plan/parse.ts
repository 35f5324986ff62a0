import type { Allowance, Plan } from './plan.ts';

/** The plan in a JSON answer of the login server, or null if it is not one. Unknown members are dropped. */
export function parsePlan(body: Record<string, unknown>): Plan | null {
  const { consoleId, revision, allows } = body;
  const moments = [moment(body.linkAt), moment(body.announceAt), moment(body.cutOverAt)] as const;
  if (typeof consoleId !== 'string' || typeof revision !== 'number' || !isObject(allows)) return null;
  const [linkAt, announceAt, cutOverAt] = moments;
  const prepared = allowance(allows.prepared);
  const parallel = allowance(allows.parallel);
  const unified = allowance(allows.unified);
  if (linkAt === undefined || announceAt === undefined || cutOverAt === undefined) return null;
  if (prepared === null || parallel === null || unified === null) return null;
  return { consoleId, revision, linkAt, announceAt, cutOverAt, allows: { prepared, parallel, unified } };
}

/** The moment in one form, so that equal plans are equal text; undefined if it is none. */
function moment(value: unknown): string | null | undefined {
  if (value === null) return null;
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) return undefined;
  return new Date(value).toISOString();
}

function allowance(value: unknown): Allowance | null {
  if (!isObject(value)) return null;
  const { legacyLink, legacySignIn, reset, logout } = value;
  if (typeof legacyLink !== 'boolean' || typeof legacySignIn !== 'boolean') return null;
  if (reset !== 'console' && reset !== 'unified') return null;
  if (logout !== 'console' && logout !== 'by-session') return null;
  return { legacyLink, legacySignIn, reset, logout };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
