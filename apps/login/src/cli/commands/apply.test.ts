import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { secretUsed } from '#domain/consoles/secrets.ts';
import { storedSettings } from '#domain/settings/change.ts';
import { openWorld, type World } from '#test/world.ts';
import { applyCommand, exportConfigCommand } from './apply.ts';

let world: World;
let folder: string;
beforeAll(async () => {
  world = await openWorld({ work: false });
  folder = await mkdtemp(join(tmpdir(), 'hitokagi-apply-'));
  await writeFile(join(folder, 'mail-secret'), 'secret-of-the-mail-console-0123456789\n');
  await world.addConsole('old');
  for (const who of ['hanako', 'taro']) await world.addPerson(`${who}@example.co.jp`);
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

const variables: Record<string, string> = { SMS_SECRET: 'secret-of-the-sms-console-0123456789' };
const deps = (locale: 'ja' | 'en') => ({
  openDatabase: async () => world.database,
  environmentSettings: () => world.config.settings,
  allowedInternalHosts: () => [],
  variable: (name: string) => variables[name],
  clock: () => world.now,
  locale,
});

async function run(content: string, ...options: string[]) {
  const path = join(folder, 'hitokagi.yaml');
  await writeFile(path, content);
  return capture(() => applyCommand(deps('en')).parseAsync([path, ...options], { from: 'user' }));
}

async function capture(work: () => Promise<unknown>) {
  const written = { out: '', err: '' };
  const out = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => ((written.out += String(text)), true));
  const err = vi
    .spyOn(process.stderr, 'write')
    .mockImplementation((text) => ((written.err += String(text)), true));
  process.exitCode = 0;
  try {
    await work();
    return { ...written, code: Number(process.exitCode) };
  } finally {
    out.mockRestore();
    err.mockRestore();
    process.exitCode = 0;
  }
}

const state = async () => {
  const { db } = world.database;
  const [settings, consoles, operators, { events }] = await Promise.all([
    storedSettings(db, world.config.settings),
    db.selectFrom('console').selectAll().orderBy('client_id').execute(),
    db.selectFrom('operator').select(['account_id', 'role']).orderBy('account_id').execute(),
    db
      .selectFrom('audit_event')
      .select((eb) => eb.fn.countAll<string>().as('events'))
      .executeTakeFirstOrThrow(),
  ]);
  return { settings, consoles, operators, events };
};

const FILE = `version: 1
settings:
  brandNameJa: 見本の統合認証
  keyColour: '#0a6640'
  noticesPerSecond: 5
consoles:
  - clientId: sms
    clientSecret: env:SMS_SECRET
    name: { ja: 見本SMS, en: Sample SMS }
    homeUrl: https://sms.example.co.jp/
    redirectUris: [https://sms.example.co.jp/auth/callback]
    idTokenAlg: ES256
  - clientId: mail
    clientSecret: file:mail-secret
    name: { ja: 見本メール, en: Sample Mail }
    homeUrl: https://mail.example.co.jp/
    redirectUris: [https://mail.example.co.jp/auth/callback]
operators:
  - { loginId: Hanako@example.co.jp, role: administrator }
  - { loginId: taro@example.co.jp, role: viewer }
`;

describe('R26: hitokagi apply', () => {
  it('shows a plan and changes nothing until somebody says yes', async () => {
    const before = await state();
    const dry = await run(FILE, '--dry-run');
    expect(dry.code).toBe(2);
    expect(dry.out).toContain('~ setting keyColour: change\n    keyColour: "#0b3d91" → "#0a6640"\n');
    expect(dry.out).toContain('+ console sms: create\n');
    expect(dry.out).toContain('? console old: not described, left\n');
    expect(dry.out).toContain('create 4, change 3, unchanged 0, not described 1\nA dry run');
    expect(await run(FILE)).toMatchObject({ code: 2 });
    expect(await state()).toEqual(before);
  });

  it('brings everything about at once, and the second time nothing', async () => {
    const done = await run(FILE, '--yes');
    expect(done).toMatchObject({ code: 0, err: '' });
    expect(done.out + done.err).not.toContain('secret-of-the');
    const after = await state();
    expect(after.settings.values).toMatchObject({ brandNameJa: '見本の統合認証', noticesPerSecond: 5 });
    const mail = after.consoles.find((one) => one.client_id === 'mail');
    expect(mail && secretUsed(mail, 'secret-of-the-mail-console-0123456789')).toBeDefined();
    expect(after.operators.map((one) => one.role).sort()).toEqual(['administrator', 'viewer']);
    const again = await run(FILE, '--yes');
    expect(again.code).toBe(0);
    expect(again.out).toContain('Nothing to change.');
    expect(await state()).toEqual(after);
  });

  it('changes what is described otherwise; a new secret stands beside the one in use', async () => {
    variables['SMS_SECRET'] = 'another-secret-of-the-sms-console-0123456789';
    const changed = FILE.replace('見本SMS', '見本のSMS').replace('role: viewer', 'role: support');
    const done = await run(changed, '--yes', '--json');
    const { result, steps } = JSON.parse(done.out) as { result: string; steps: { change: string }[] };
    expect(result).toBe('applied');
    expect(steps.filter((one) => ['created', 'changed'].includes(one.change))).toEqual([
      {
        kind: 'console',
        name: 'sms',
        change: 'changed',
        fields: [{ field: 'nameJa', from: '見本SMS', to: '見本のSMS' }],
      },
      { kind: 'secret', name: 'sms', change: 'created' },
      {
        kind: 'operator',
        name: 'taro@example.co.jp',
        change: 'changed',
        fields: [{ field: 'role', from: 'viewer', to: 'support' }],
      },
    ]);
    const sms = (await state()).consoles.find((one) => one.client_id === 'sms');
    for (const one of ['secret-of-the-sms-console-0123456789', variables['SMS_SECRET']])
      expect(sms && secretUsed(sms, one ?? '')).toBeDefined();
    variables['SMS_SECRET'] = 'third-secret-of-the-sms-console-0123456789';
    const third = await run(changed, '--yes');
    expect(third.code).toBe(1);
    expect(third.err).toContain('line 8 (consoles.0.clientSecret): There are two secrets already.');
  });

  it('names each fault with its line, in the language of the terminal, and does nothing of the rest', async () => {
    const before = await state();
    const faulty = `version: 1
settings:
  keyColour: '#ffdd00'
  brandNameEn: Other
consoles:
  - clientId: new
    name: { ja: 新, en: New }
    homeUrl: ftp://new.example.co.jp/
    redirectUris: []
    clientSecret: file:mail-secret
operators:
  - loginId: nobody@example.co.jp
    role: viewer
`;
    const refused = await run(faulty, '--yes');
    expect(refused.code).toBe(1);
    const told = refused.err.split('\n').map((line) => line.replace(/^.*hitokagi\.yaml: /, ''));
    expect(told.some((line) => line.startsWith('line 3 (settings.keyColour): White letters'))).toBe(true);
    expect(told.some((line) => line.startsWith('line 8 (consoles.0.homeUrl): '))).toBe(true);
    expect(told.some((line) => line.startsWith('line 9 (consoles.0.redirectUris): '))).toBe(true);
    expect(told).toContain(
      'line 12 (operators.0.loginId): No active account has this login ID. Make the account first.',
    );
    // Good settings beside an operator who is not there: nothing of it stays.
    const late = await run(
      faulty.replace('#ffdd00', '#123456').replace(/consoles:[\s\S]*operators/, 'operators'),
      '--yes',
    );
    expect(late.code).toBe(1);
    expect(await state()).toEqual(before);

    const path = join(folder, 'hitokagi.yaml');
    await writeFile(path, 'version: 1\nsettings:\n  keyColor: red\noperators:\n  - role: boss\n');
    const inJapanese = await capture(() => applyCommand(deps('ja')).parseAsync([path], { from: 'user' }));
    expect(inJapanese.err).toMatch(/3行目 \(settings\.keyColor\): .*[ぁ-んァ-ヶ]/);
    expect(inJapanese.err).toMatch(/5行目 \(operators\.0\.role\): .*[ぁ-んァ-ヶ]/);
  });

  it.each([
    [
      'secrets in the file',
      'version: 1\nconsoles:\n  - clientId: a\n    clientSecret: 0123456789abcdef0123456789abcdef\n',
      'line 4',
    ],
    ['what is no YAML', 'version: 1\nsettings: [\n', 'line'],
    ['aliases', 'version: 1\nsettings: &a {}\noperators: [*a]\n', 'line'],
    ['another version', 'version: 2\n', 'line 1 (version)'],
    ['an empty file', '', 'line 1'],
    [
      'one thing twice',
      'version: 1\nconsoles:\n  - clientId: a\n  - clientId: a\n',
      'line 4 (consoles.1.clientId)',
    ],
    [
      'a secret that is not there',
      'version: 1\nconsoles:\n  - clientId: old\n    clientSecret: env:NOT_THERE\n',
      'line 4',
    ],
  ])('refuses %s', async (_, content, place) => {
    const refused = await run(content, '--yes');
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(place);
    expect(refused.err).not.toContain('0123456789abcdef');
  });

  it('takes the example of the documents, which is the same in both languages', async () => {
    const examples = await Promise.all(
      ['apply.md', 'apply.ja.md'].map(async (name) => {
        const page = await readFile(
          new URL(`../../../../../docs/operators/${name}`, import.meta.url),
          'utf8',
        );
        return /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
      }),
    );
    expect(examples[0]).toBe(examples[1]);
    variables['SMS_CLIENT_SECRET'] = 'secret-of-the-sms-console-0123456789';
    expect(await run(examples[0] ?? '', '--dry-run')).toMatchObject({ code: 2, err: '' });
  });

  it('writes the present state as a file that changes nothing', async () => {
    const written = await capture(() => exportConfigCommand(deps('en')).parseAsync([], { from: 'user' }));
    expect(written.out).toContain('brandNameJa: 見本の統合認証');
    expect(written.out).not.toContain('secret');
    const applied = await run(written.out, '--yes', '--json');
    const { steps, result } = JSON.parse(applied.out) as { steps: { change: string }[]; result: string };
    expect(result).toBe('unchanged');
    expect(new Set(steps.map((one) => one.change))).toEqual(new Set(['unchanged']));
  });
});
