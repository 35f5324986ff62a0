import { describe, expect, test } from 'vitest';
import { started, welcome } from '../test/started.ts';

const english = { headers: { 'accept-language': 'en-GB,en;q=0.9,ja;q=0.5' } };

describe('API', () => {
  test('lists mails newest first with the fields that others rely on', async () => {
    await using box = await started();
    await box.send(welcome);
    await box.send({ ...welcome, subject: '二通目' });
    const list = await box.list();
    expect(list.map(({ subject }) => subject)).toEqual(['二通目', welcome.subject]);
    for (const field of [
      'id',
      'to',
      'from',
      'subject',
      'text',
      'html',
      'receivedAt',
      'toHeader',
      'fromHeader',
      'headers',
    ]) {
      expect(list[0]).toHaveProperty(field, expect.any(String));
    }
    expect(list[0]).not.toHaveProperty('source');
  });

  test.each([
    ['?to=taro@example.co.jp', ['taro@example.co.jp']],
    ['?to=TARO@Example.CO.jp', ['taro@example.co.jp']],
    ['?to=aro@example.co.jp', []],
    ['?to=', []],
    ['?to=a%2Btag@example.co.jp', ['a+tag@example.co.jp']],
    ['?to=a+tag@example.co.jp', ['a+tag@example.co.jp']],
    ['?to=taro@%E6%97%A5%E6%9C%AC%E8%AA%9E.example.jp', ['taro@xn--wgv71a119e.example.jp']],
    ['?to=taro@example.co.jp&to=a%2Btag@example.co.jp', ['a+tag@example.co.jp', 'taro@example.co.jp']],
  ])('%s finds %j', async (query, expected) => {
    await using box = await started();
    await box.send({
      ...welcome,
      to: ['taro@example.co.jp', 'a+tag@example.co.jp', 'taro@日本語.example.jp'],
    });
    expect((await box.list(query)).map(({ to }) => to).sort()).toEqual(expected);
  });

  test('gives one mail by its id, and a problem with a code for an id that it does not know', async () => {
    await using box = await started();
    await box.send(welcome);
    const [listed] = await box.list();
    const one = await box.ask(`/api/messages/${listed!.id}`);
    const none = await box.ask('/api/messages/mail_none');
    expect(await one.json()).toEqual(listed);
    expect(none.status).toBe(404);
    expect(none.headers.get('content-type')).toContain('application/problem+json');
    expect(await none.json()).toMatchObject({
      status: 404,
      code: 'message-unknown',
      requestId: expect.any(String),
    });
  });

  test.each([
    {},
    { headers: { 'content-type': 'application/json' } },
    { headers: { 'content-type': 'text/x' }, body: 'x' },
  ])('DELETE empties it, whatever comes along (%j)', async (init) => {
    await using box = await started();
    await box.send(welcome);
    expect((await box.ask('/api/messages', { method: 'DELETE', ...init })).status).toBe(204);
    expect(await box.list()).toEqual([]);
  });

  test('says that it is alive', async () => {
    await using box = await started();
    expect((await box.ask('/healthz')).status).toBe(200);
  });
});

describe('pages', () => {
  test('the list names subject, recipient, sender and Japan time, and leads to the mail', async () => {
    await using box = await started();
    await box.send(welcome);
    const page = await (await box.ask('/')).text();
    for (const words of [
      welcome.subject,
      'taro@example.co.jp',
      '絶対リーチ! 統合認証',
      '2026年11月21日(土) 12:00',
      '1 通',
    ]) {
      expect(page).toContain(words);
    }
    expect(page).toContain(`href="/messages/${box.mailbox.messages()[0]!.id}"`);
  });

  test('an empty mailbox says where mail comes in', async () => {
    await using box = await started();
    expect(await (await box.ask('/')).text()).toContain(`localhost の ${box.mailbox.smtpPort} 番ポート`);
  });

  test('the search takes part of an address in any case and keeps what was typed', async () => {
    await using box = await started();
    await box.send({ ...welcome, to: ['taro@example.co.jp', 'hanako@example.co.jp'] });
    const page = await (await box.ask('/?to=HANA')).text();
    expect(page).toContain('hanako@example.co.jp');
    expect(page).not.toContain('taro@example.co.jp</p>');
    expect(page).toContain('value="HANA"');
    expect(await (await box.ask('/?to=nobody')).text()).toContain('この宛先のメールはありません');
  });

  test('a long list is cut into pages of 50, and a page that is not there shows the nearest one', async () => {
    await using box = await started();
    await box.send({ ...welcome, to: Array.from({ length: 60 }, (_, n) => `person${n}@example.co.jp`) });
    const rows = async (query: string) =>
      (await (await box.ask(`/${query}`)).text()).split('<li class="mb-mail"').length - 1;
    expect([
      await rows(''),
      await rows('?page=2'),
      await rows('?page=99'),
      await rows('?page=-1'),
      await rows('?page=x'),
    ]).toEqual([50, 10, 10, 50, 50]);
  });

  test('the list refreshes itself unless told not to', async () => {
    await using box = await started();
    expect(await (await box.ask('/?to=a')).text()).toContain('data-ui-refresh="/?to=a"');
    expect(await (await box.ask('/?live=off')).text()).not.toContain('data-ui-refresh');
  });

  test('a mail shows its text with links, its headers, and its HTML only in a frame that can do nothing', async () => {
    await using box = await started();
    const text = '設定はこちら: https://login.example.co.jp/reset?a=1&b=2 です。<b>';
    await box.send({ ...welcome, text, html: '<script>alert(1)</script><p>本文</p>' });
    const { id } = box.mailbox.messages()[0]!;
    const page = await (await box.ask(`/messages/${id}`)).text();
    expect(page).toContain('<a href="https://login.example.co.jp/reset?a=1&amp;b=2"');
    expect(page).toContain('です。&lt;b');
    expect(page).toContain('Message-ID: ');
    expect(page).toContain(
      `src="/messages/${id}/html" sandbox="allow-popups allow-popups-to-escape-sandbox"`,
    );
    expect(page).not.toContain('<script>alert(1)');
  });

  test('the HTML of a mail comes under a policy that lets nothing run or load', async () => {
    await using box = await started();
    await box.send({
      ...welcome,
      html: '<!doctype html><html><head><title>x</title></head><body>本文</body></html>',
    });
    const answer = await box.ask(`/messages/${box.mailbox.messages()[0]!.id}/html`);
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain('sandbox allow-popups allow-popups-to-escape-sandbox');
    expect(policy).not.toContain('script');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await answer.text()).toContain('<head><base target="_blank"><title>x</title>');
  });

  test('the source comes as plain text, byte by byte', async () => {
    await using box = await started();
    await box.send(welcome);
    const { id, source } = box.mailbox.messages()[0]!;
    const answer = await box.ask(`/messages/${id}/source`);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(Buffer.from(await answer.arrayBuffer()).toString('latin1')).toBe(source);
  });

  test('deleting asks first, then empties; another site cannot do it', async () => {
    await using box = await started();
    await box.send(welcome);
    const asked = await (await box.ask('/clear')).text();
    const foreign = await box.ask('/clear', { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } });
    expect(asked).toContain('1 通をすべて削除します');
    expect(foreign.status).toBe(403);
    expect(box.mailbox.messages()).toHaveLength(1);
    const done = await box.ask('/clear', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: '',
    });
    expect([done.status, done.headers.get('location')]).toEqual([303, '/']);
    expect(box.mailbox.messages()).toEqual([]);
  });

  test.each(['/messages/mail_none', '/messages/mail_none/html', '/messages/mail_none/source', '/nothing'])(
    '%s is a page that leads back',
    async (path) => {
      await using box = await started();
      const answer = await box.ask(path);
      expect(answer.status).toBe(404);
      expect(await answer.text()).toContain('受信メールの一覧へ');
    },
  );
});

describe('R8: languages', () => {
  test.each([
    [undefined, 'ja'],
    ['fr', 'ja'],
    ['ja,en;q=0.9', 'ja'],
    ['en-US,en;q=0.9,ja;q=0.8', 'en'],
    ['fr,en;q=0.3', 'en'],
    ['en;q=0,ja', 'ja'],
    [';;q=,,', 'ja'],
  ])('Accept-Language %j gets %s', async (accept, expected) => {
    await using box = await started();
    const answer = await box.ask('/', { headers: accept === undefined ? {} : { 'accept-language': accept } });
    expect(answer.headers.get('content-language')).toBe(expected);
    expect(await answer.text()).toContain(`<html lang="${expected}">`);
  });

  test.each(['/', '/clear', '/messages/none'])(
    '%s has no Japanese word for an English reader',
    async (path) => {
      await using box = await started();
      const page = await (await box.ask(path, english)).text();
      expect(page.replace(/<svg[\s\S]*?<\/svg>/, '')).not.toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
    },
  );
});
