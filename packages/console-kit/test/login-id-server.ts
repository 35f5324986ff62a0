import type { ApiHandler } from './login-server.ts';

export const RIGHT_CODE = '12345678';

type Change = {
  id: string;
  consoleUserId: string;
  newEmailAddress: string;
  state: 'pending' | 'confirmed' | 'ended' | 'undone';
  version: number | null;
};

/** The login server's part of a change of the login ID, in memory: each key once, a code, a version that grows. */
export type LoginIdServer = {
  handler: ApiHandler;
  accounts: Map<string, { emailAddress: string; version: number }>;
  changes: Map<string, Change>;
  /** Codes that were "mailed", in order. */
  mails: string[];
  /** Idempotency keys in the order in which they came. */
  keys: string[];
  /** The next answers: `before` is an outage in which nothing was done, `after` one in which all was done and only the answer is lost. */
  failNext: ('before' | 'after')[];
  down: boolean;
  /** Answers the next call with this instead. */
  answerNext: { status: number; headers?: Record<string, string>; body?: unknown } | null;
  compared: { round: string; last: boolean; people: unknown[] }[];
  differences: (people: { consoleUserId: string }[]) => object[];
};

export function loginIdServer(accounts: Record<string, string>): LoginIdServer {
  const byKey = new Map<string, { change: Change; content: string }>();
  const server: LoginIdServer = {
    accounts: new Map(
      Object.entries(accounts).map(([id, emailAddress]) => [id, { emailAddress, version: 0 }]),
    ),
    changes: new Map(),
    mails: [],
    keys: [],
    failNext: [],
    down: false,
    answerNext: null,
    compared: [],
    differences: () => [],
    handler: (request, text) => {
      const failing = server.down ? 'before' : server.failNext.shift();
      if (failing === 'before') return { status: 503 };
      const given = server.answerNext;
      server.answerNext = null;
      const key = request.headers['idempotency-key'];
      const path = (request.url ?? '').replace('/api/console/v1', '');
      const answer =
        given ?? route(request.method ?? '', path, typeof key === 'string' ? key : undefined, text);
      return failing === 'after' ? { status: 503 } : answer;
    },
  };
  return server;

  function route(method: string, path: string, key: string | undefined, text: string) {
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, string>;
    if (path === '/login-ids/compare') {
      const page = body as unknown as {
        round: string;
        last: boolean;
        people: { consoleUserId: string }[];
      };
      server.compared.push(page);
      return { status: 200, body: { differences: server.differences(page.people) } };
    }
    if (path === '/login-id-changes') return begin(key, body, text);
    const [, id = '', verb] = /^\/login-id-changes\/([^/]+)(?:\/(resend|confirm))?$/.exec(path) ?? [];
    const change = server.changes.get(id);
    if (!change) return problem(404, 'change-unknown');
    if (method === 'GET') return { status: 200, body: view(change) };
    if (change.state !== 'pending') return problem(410, 'change-ended');
    if (verb === 'resend') {
      server.mails.push(change.newEmailAddress);
      return { status: 200, body: view(change) };
    }
    if (body.code !== RIGHT_CODE) return problem(422, 'code-wrong', { triesLeft: 4 });
    const account = server.accounts.get(change.consoleUserId);
    if (!account) return problem(404, 'change-unknown');
    const previousEmailAddress = account.emailAddress;
    account.emailAddress = change.newEmailAddress;
    account.version += 1;
    Object.assign(change, { state: 'confirmed', version: account.version });
    return {
      status: 200,
      body: { emailAddress: account.emailAddress, previousEmailAddress, version: account.version },
    };
  }

  function begin(key: string | undefined, body: Record<string, string>, content: string) {
    if (key === undefined) return problem(400, 'malformed');
    server.keys.push(key);
    const known = byKey.get(key);
    if (known && known.content !== content) return problem(422, 'idempotency-key-reused');
    if (known) return { status: 201, body: view(known.change) };
    const { consoleUserId = '', newEmailAddress = '' } = body;
    const account = server.accounts.get(consoleUserId);
    if (!account) return problem(404, 'user-unknown');
    if (account.emailAddress === newEmailAddress) return problem(422, 'address-unchanged');
    for (const one of server.changes.values())
      if (one.consoleUserId === consoleUserId && one.state === 'pending') one.state = 'ended';
    const id = `lic_${server.changes.size + 1}`;
    const change: Change = { id, consoleUserId, newEmailAddress, state: 'pending', version: null };
    server.changes.set(id, change);
    byKey.set(key, { change, content });
    server.mails.push(newEmailAddress);
    return { status: 201, body: view(change) };
  }
}

export const SENT = {
  sentFrom: 'no-reply@login.example.co.jp',
  codeExpiresAt: new Date('2026-11-22T03:10:00Z'),
  resendAt: new Date('2026-11-22T03:01:00Z'),
};

function view({ id, newEmailAddress, state, version }: Change) {
  const sent = {
    sentFrom: SENT.sentFrom,
    codeExpiresAt: SENT.codeExpiresAt.toISOString(),
    resendAt: SENT.resendAt.toISOString(),
  };
  return { id, newEmailAddress, state, version, ...sent };
}

function problem(status: number, code: string, more: object = {}) {
  return { status, body: { code, ...more } };
}

/** A clock that tests move. */
export function movingClock(): { now: () => Date; pass: (milliseconds: number) => void } {
  let now = new Date('2026-11-22T03:00:00Z').getTime();
  return { now: () => new Date(now), pass: (milliseconds) => void (now += milliseconds) };
}
