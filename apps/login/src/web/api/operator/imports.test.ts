import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { toShiftJis } from '#support/primitives/shift-jis.ts';
import { multipart } from '#test/multipart.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addConsole('mail');
  await world.addPerson('known@example.co.jp', { mail: 'm1' });
  for (const role of ['viewer', 'support', 'administrator'] as const)
    tokens[role] = (
      await createOperatorToken(
        world.database.db,
        { name: role, role },
        { actor: 'operator:cli', now: world.now },
      )
    ).token;
});
afterAll(() => world.close());

type Import = {
  id: string;
  clientId: string;
  fileName: string;
  state: string;
  bytes: number;
  encoding: string;
  separator: string;
  columns: Record<string, string>;
  foreseen: Record<string, number> | null;
  done: Record<string, number> | null;
  problem: { reason: string; text: string } | null;
};

function call(
  method: 'GET' | 'POST',
  path: string,
  more: { payload?: string | Buffer; headers?: Record<string, string>; role?: string } = {},
) {
  return world.app.server.inject({
    method,
    url: `/api/operator/v1${path}`,
    headers: {
      host: 'login.example.co.jp',
      authorization: `Bearer ${tokens[more.role ?? 'administrator'] ?? ''}`,
      ...more.headers,
    },
    ...(more.payload === undefined ? {} : { payload: more.payload }),
  });
}

const asCsv = { 'content-type': 'text/csv' };
async function handedIn(payload: string | Buffer, query = ''): Promise<Import> {
  const answer = await call('POST', `/consoles/sms/imports${query}`, { payload, headers: asCsv });
  expect([answer.statusCode, answer.body]).toEqual([202, expect.anything()]);
  return answer.json<Import>();
}

async function become(id: string, state: string): Promise<Import> {
  for (let i = 0; ; i++) {
    const answer = (await call('GET', `/imports/${id}`, { role: 'viewer' })).json<Import>();
    if (answer.state === state) return answer;
    if (i > 200) throw new Error(`It is ${JSON.stringify(answer)}.`);
    await new Promise((then) => setTimeout(then, 50));
  }
}

const FILE =
  'ユーザーID,メールアドレス,氏名\n1,api1@example.co.jp,見本 太郎\n2,known@example.co.jp,\n=cmd|1,b@@example.co.jp,"見本"\n';

describe('R20, R26: people by file through the operator API', () => {
  it('a dry run first, then the import; refused rows as a file in both encodings, no formula in any', async () => {
    const begun = await handedIn(toShiftJis(FILE), '?fileName=..%2F%E8%A6%8B%E6%9C%AC.csv');
    expect(begun).toMatchObject({ clientId: 'sms', fileName: '見本.csv', state: 'checking', done: null });
    const checked = await become(begun.id, 'checked');
    expect(checked).toMatchObject({
      encoding: 'shift_jis',
      separator: ',',
      columns: { id: 'ユーザーID', address: 'メールアドレス', name: '氏名' },
      foreseen: { rowsRead: 3, created: 1, linked: 1, refused: 1 },
      done: null,
    });
    const account = () =>
      world.database.db
        .selectFrom('account')
        .where('email_key', '=', 'api1@example.co.jp')
        .select('id')
        .execute();
    expect(await account()).toEqual([]);

    expect((await call('POST', `/imports/${begun.id}/start`)).statusCode).toBe(202);
    const done = await become(begun.id, 'imported');
    expect(done.done).toEqual(checked.foreseen);
    expect(await account()).toHaveLength(1);
    expect((await call('POST', `/imports/${begun.id}/start`)).json()).toMatchObject({
      code: 'import-not-checked',
    });
    expect((await call('POST', `/imports/${begun.id}/cancel`)).json()).toMatchObject({
      code: 'import-ended',
    });

    const refused = await call('GET', `/imports/${begun.id}/refused.csv`, {
      headers: { 'accept-language': 'ja' },
      role: 'support',
    });
    expect(refused.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(refused.body.replace('\ufeff', '')).toBe(
      "行,最後の行,ユーザーID,理由コード,理由\r\n4,4,'=cmd|1,address-malformed,「b@@example.co.jp」はメールアドレスとして使えません。name@example.co.jp のような形に直してください。\r\n",
    );
    const inShiftJis = await call('GET', `/imports/${begun.id}/refused.csv?encoding=shift_jis`, {
      headers: { 'accept-language': 'ja' },
    });
    expect(inShiftJis.headers['content-type']).toBe('text/csv; charset=shift_jis');
    expect(`\ufeff${new TextDecoder('shift_jis', { fatal: true }).decode(inShiftJis.rawPayload)}`).toBe(
      refused.body,
    );
    const kept = await world.database.db.selectFrom('import_piece').selectAll().execute();
    expect(kept).toEqual([]);
    const events = await world.database.db.selectFrom('audit_event').selectAll().orderBy('id').execute();
    expect(
      events
        .filter(({ detail }) => [detail.importId, detail.runId].includes(begun.id))
        .map((one) => one.action),
    ).toEqual(['import.uploaded', 'import.started', 'people.imported', 'people.exported', 'people.exported']);
  });

  it('multipart/form-data does as well, with the name that the file has', async () => {
    const form = multipart(
      {},
      { name: 'people', fileName: '利用者.tsv', content: 'id\temail\n1\tapi1@example.co.jp\n' },
    );
    const answer = await call('POST', '/consoles/sms/imports', form);
    expect(answer.statusCode).toBe(202);
    const checked = await become(answer.json<Import>().id, 'checked');
    expect(checked).toMatchObject({ fileName: '利用者.tsv', separator: '\t', foreseen: { unchanged: 1 } });
    expect((await call('POST', `/imports/${checked.id}/cancel`)).statusCode).toBe(204);
    expect((await become(checked.id, 'cancelled')).done).toBeNull();
    expect(await world.database.db.selectFrom('import_piece').selectAll().execute()).toEqual([]);
  });

  it('says what is wrong with what was sent, and keeps nothing of it', async () => {
    const code = async (answer: ReturnType<typeof call>) => (await answer).json<{ code: string }>().code;
    const path = '/consoles/sms/imports';
    expect(await code(call('POST', '/consoles/none/imports', { payload: FILE, headers: asCsv }))).toBe(
      'console-unknown',
    );
    expect(await code(call('POST', path, { payload: '', headers: asCsv }))).toBe('file-empty');
    expect(
      await code(call('POST', path, { payload: '{}', headers: { 'content-type': 'application/json' } })),
    ).toBe('file-missing');
    expect(await code(call('POST', path, multipart({ note: 'no file' })))).toBe('file-missing');
    expect(await code(call('POST', '/imports/imp_none/start'))).toBe('import-unknown');
    expect(await code(call('POST', '/imports/imp_none/cancel'))).toBe('import-unknown');
    expect(await code(call('GET', '/imports/imp_none/refused.csv'))).toBe('import-unknown');
    const unusable = await become((await handedIn('氏名,会社\n見本,見本商事\n')).id, 'unusable');
    expect(unusable.problem).toMatchObject({
      reason: 'columns-missing',
      text: expect.stringContaining('user ID'),
    });
    const hashes = await handedIn('id,email,password hash\n9,h@example.co.jp,$1$x\n');
    expect((await become(hashes.id, 'unusable')).problem).toMatchObject({ reason: 'hashes-not-wanted' });
    const pieces = await world.database.db.selectFrom('import_piece').selectAll().execute();
    expect(pieces).toEqual([]);
  });

  it('the history is listed newest first, page by page, for all consoles or one', async () => {
    const all: string[] = [];
    let after = '';
    do {
      const page = (await call('GET', `/imports?limit=2${after}`, { role: 'viewer' })).json<{
        items: Import[];
        next: string | null;
      }>();
      all.push(...page.items.map(({ id }) => id));
      after = page.next === null ? '' : `&cursor=${page.next}`;
    } while (after !== '');
    const stored = await world.database.db.selectFrom('import_upload').select('id').execute();
    expect(all.toSorted()).toEqual(stored.map(({ id }) => id).toSorted());
    expect(new Set(all).size).toBe(all.length);
    const ofMail = await call('GET', '/imports?clientId=mail');
    expect(ofMail.json()).toEqual({ items: [], next: null });
  });
});
