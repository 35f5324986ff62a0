import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plan } from '@hitokagi/console-kit';

/** The code that the stand-in "mails" every time. */
export const CODE = '1234 5678';

/** An account at the stand-in login server; its link to the console is `consoleUserId`. */
export type TestAccount = {
  sub: string;
  emailAddress: string;
  name: string;
  consoleUserId: string | undefined;
  /** Grows with each change of the address; 0 when absent. */
  version?: number;
  /** False: shut out of the console. */
  active?: boolean;
};

type Change = {
  id: string;
  key: string;
  account: TestAccount;
  newEmailAddress: string;
  tries: number;
  ended: boolean;
  /** Of the login ID, once this change was confirmed. */
  version: number | null;
};

export type ConsoleApiState = {
  plan: Plan | null;
  plansTold: number;
  changes: Map<string, Change>;
  /** Addresses of accounts that are not this console's: asking for them looks like any other, and no code is right. */
  addressesOfOthers: Set<string>;
  accounts: () => readonly TestAccount[];
  /** Legacy sign-ins that were reported, by their ids. */
  legacySignIns: Map<string, { consoleUserId: string; at: string }>;
  /** The next calls about login IDs: `before` fails undone, `after` is done and only the answer is lost. */
  failNext: ('before' | 'after')[];
  /** The next confirmation is refused with this code. */
  refuseNext: string | null;
  /** Users whose login ID no console changes. */
  kept: Set<string>;
};
type Answer = { status: number; body?: object; headers?: Record<string, string> };

/** As much of `{issuer}/api/console/v1` as the console uses. */
export async function answerConsoleApi(
  state: ConsoleApiState,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body =
    chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>);
  const failing = path.startsWith('/login-id') ? state.failNext.shift() : undefined;
  const answer =
    failing === 'before'
      ? problem(503, 'away')
      : route(state, path, body, request.headers['idempotency-key']);
  if (failing === 'after') answer.status = 503;
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
  response.end(JSON.stringify(answer.body ?? {}));
}

function route(
  state: ConsoleApiState,
  path: string,
  body: Record<string, string>,
  key: string | string[] | undefined,
): Answer {
  if (path === '/plan') {
    state.plansTold += 1;
    return state.plan === null
      ? problem(404, 'plan-unknown')
      : { status: 200, body: { ...state.plan, serverTime: new Date().toISOString() } };
  }
  if (path === '/login-id-changes') return request(state, body, String(key));
  if (path === '/login-ids/compare') return compare(state, body);
  if (path === '/legacy-sign-ins') return takeLegacySignIns(state, body);
  const [, id, verb] = /^\/login-id-changes\/([^/]+)(?:\/(resend|confirm))?$/.exec(path) ?? [];
  const change = id === undefined ? undefined : state.changes.get(id);
  if (change === undefined) return problem(404, 'change-unknown');
  if (verb === undefined) return { status: 200, body: view(change) };
  if (change.ended) return problem(410, 'change-ended');
  return verb === 'resend'
    ? { status: 429, body: { code: 'too-soon' }, headers: { 'retry-after': '42' } }
    : confirm(state, change, body['code'] ?? '');
}

function takeLegacySignIns(state: ConsoleApiState, body: object): Answer {
  const { signIns } = body as { signIns: { id: string; consoleUserId: string; at: string }[] };
  for (const one of signIns) state.legacySignIns.set(one.id, one);
  return { status: 200, body: { taken: signIns.map((one) => one.id), refused: [] } };
}

function request(state: ConsoleApiState, body: Record<string, string>, key: string): Answer {
  const known = [...state.changes.values()].find((one) => one.key === key);
  if (known) return { status: 201, body: view(known) };
  const account = state.accounts().find((one) => one.consoleUserId === body['consoleUserId']);
  const newEmailAddress = body['newEmailAddress'] ?? '';
  if (account === undefined) return problem(404, 'user-unknown');
  if (state.kept.has(account.consoleUserId ?? '')) return problem(403, 'kept-by-administrators');
  if (account.emailAddress === newEmailAddress) return problem(422, 'address-unchanged');
  if (newEmailAddress.startsWith('busy@'))
    return { status: 429, body: { code: 'too-many' }, headers: { 'retry-after': '600' } };
  const id = `chg_${state.changes.size + 1}`;
  const change = { id, key, account, newEmailAddress, tries: 5, ended: false, version: null };
  state.changes.set(id, change);
  return { status: 201, body: view(change) };
}

function view({ id, newEmailAddress, ended, version }: Change): object {
  const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  return {
    id,
    newEmailAddress,
    sentFrom: 'no-reply@login.example.co.jp',
    codeExpiresAt: inMinutes(10),
    resendAt: inMinutes(1),
    state: version === null ? (ended ? 'ended' : 'pending') : 'confirmed',
    version,
  };
}

function confirm(state: ConsoleApiState, change: Change, code: string): Answer {
  if (state.refuseNext !== null) {
    const refused = problem(state.refuseNext === 'kept-by-administrators' ? 403 : 409, state.refuseNext);
    state.refuseNext = null;
    return refused;
  }
  if (
    code.replaceAll(' ', '') !== CODE.replaceAll(' ', '') ||
    state.addressesOfOthers.has(change.newEmailAddress)
  ) {
    change.tries -= 1;
    return { status: 422, body: { code: 'code-wrong', triesLeft: change.tries } };
  }
  const { account } = change;
  const previousEmailAddress = account.emailAddress;
  account.emailAddress = change.newEmailAddress;
  account.version = (account.version ?? 0) + 1;
  change.version = account.version;
  change.ended = true;
  return {
    status: 200,
    body: { emailAddress: account.emailAddress, previousEmailAddress, version: account.version },
  };
}

/** Whoever is behind by the version is told what to take. */
function compare(state: ConsoleApiState, body: object): Answer {
  const { people } = body as {
    people: { consoleUserId: string; emailAddress: string; version: number | null }[];
  };
  const differences = people.flatMap(({ consoleUserId, version }) => {
    const account = state.accounts().find((one) => one.consoleUserId === consoleUserId);
    if (!account) return [{ consoleUserId, action: 'unknown-user' }];
    return (account.version ?? 0) > (version ?? 0)
      ? [{ consoleUserId, action: 'take', emailAddress: account.emailAddress, version: account.version }]
      : [];
  });
  return { status: 200, body: { differences } };
}

function problem(status: number, code: string): Answer {
  return { status, body: { code } };
}
