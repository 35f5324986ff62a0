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
};

type Change = { id: string; account: TestAccount; newEmailAddress: string; tries: number; ended: boolean };

export type ConsoleApiState = {
  plan: Plan | null;
  plansTold: number;
  changes: Map<string, Change>;
  /** Addresses of accounts that are not this console's: asking for them looks like any other, and no code is right. */
  addressesOfOthers: Set<string>;
  accounts: () => readonly TestAccount[];
  /** Legacy sign-ins that were reported, by their ids. */
  legacySignIns: Map<string, { consoleUserId: string; at: string }>;
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
  const answer = route(state, path, body);
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
  response.end(JSON.stringify(answer.body ?? {}));
}

function route(state: ConsoleApiState, path: string, body: Record<string, string>): Answer {
  if (path === '/plan') {
    state.plansTold += 1;
    return state.plan === null
      ? problem(404, 'plan-unknown')
      : { status: 200, body: { ...state.plan, serverTime: new Date().toISOString() } };
  }
  if (path === '/login-id-changes') return request(state, body);
  if (path === '/legacy-sign-ins') return takeLegacySignIns(state, body);
  const [, id, verb] = /^\/login-id-changes\/([^/]+)\/(resend|confirm)$/.exec(path) ?? [];
  const change = id === undefined ? undefined : state.changes.get(id);
  if (change === undefined) return problem(404, 'change-unknown');
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

function request(state: ConsoleApiState, body: Record<string, string>): Answer {
  const account = state.accounts().find((one) => one.consoleUserId === body['consoleUserId']);
  const newEmailAddress = body['newEmailAddress'] ?? '';
  if (account === undefined) return problem(404, 'user-unknown');
  if (account.emailAddress === newEmailAddress) return problem(422, 'address-unchanged');
  if (newEmailAddress.startsWith('busy@'))
    return { status: 429, body: { code: 'too-many' }, headers: { 'retry-after': '600' } };
  const change = { id: `chg_${state.changes.size + 1}`, account, newEmailAddress, tries: 5, ended: false };
  state.changes.set(change.id, change);
  const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  const pending = {
    id: change.id,
    newEmailAddress,
    sentFrom: 'no-reply@login.example.co.jp',
    codeExpiresAt: inMinutes(10),
    resendAt: inMinutes(1),
  };
  return { status: 201, body: pending };
}

function confirm(state: ConsoleApiState, change: Change, code: string): Answer {
  if (
    code.replaceAll(' ', '') !== CODE.replaceAll(' ', '') ||
    state.addressesOfOthers.has(change.newEmailAddress)
  ) {
    change.tries -= 1;
    return { status: 422, body: { code: 'code-wrong', triesLeft: change.tries } };
  }
  const previousEmailAddress = change.account.emailAddress;
  change.account.emailAddress = change.newEmailAddress;
  change.ended = true;
  return { status: 200, body: { emailAddress: change.newEmailAddress, previousEmailAddress } };
}

function problem(status: number, code: string): Answer {
  return { status, body: { code } };
}
