import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '#test/world.ts';
import { WORDS_KINDS } from './kinds.ts';
import { brandWords } from './letter.ts';
import { noticeToSend } from './mail.ts';
import { previewDraft, previewNotice } from './preview.ts';
import { addPeople, announce } from './test-world.ts';
import {
  exampleCutOver,
  noticeWords,
  occasionOfWords,
  setNoticeWords,
  standardWords,
  wholeWords,
} from './words.ts';

let world: World;
let consoleId: string;
const db = () => world.database.db;
const house = () => ({ brand: world.app.settings.current().brand, pagesUrl: world.config.pagesUrl });
const by = () => ({ actor: 'operator:cli', now: world.now });
beforeAll(async () => {
  world = await openWorld({ work: false });
  consoleId = await world.addConsole('sms');
});
afterAll(() => world.close());

const ANNOUNCED = { kind: 'announcement', cutOverAt: new Date('2027-03-31T13:00:00Z') } as const;

describe('R14, R25: the words of a console’s notices', () => {
  it('are the brand’s until somebody changes them, and go into the notices that are made afterwards only', async () => {
    const before = await announce(db(), consoleId, world.now);
    expect(await standardWords(db(), consoleId, ANNOUNCED)).toEqual({
      ja: brandWords(ANNOUNCED, 'ja'),
      en: brandWords(ANNOUNCED, 'en'),
    });
    const texts = { ja: { subject: '【見本】{console}から' }, en: { body: 'Dear {name},\n\n{cutOverDate}' } };
    const set = await setNoticeWords(db(), consoleId, { kind: 'announcement', texts, revision: 0 }, by());
    expect(set).toMatchObject({ ok: true, words: { revision: 1, texts } });
    const after = await announce(db(), consoleId, world.now, { texts: { ja: { body: '{name} 様' } } });
    const subjectOf = async (id: string) => {
      const shown = await previewNotice(db(), house(), id, { locale: 'ja' });
      return shown.ok ? shown.mail.subject : '';
    };
    expect(await subjectOf(before)).toMatch(/^【重要】/);
    expect(await subjectOf(after)).toMatch(/^【見本】管理画面smsから/);
    expect((await noticeToSend(db(), after)).occasion.texts).toEqual({
      ja: { subject: '【見本】{console}から', body: '{name} 様' },
      en: { body: 'Dear {name},\n\n{cutOverDate}' },
    });
    const draft = { consoleId, ...ANNOUNCED, texts: {} };
    expect(await previewDraft(db(), house(), draft, 'en')).toMatchObject({
      mail: { text: expect.stringMatching(/^Dear Taro Mihon,\n\nWed 31 Mar 2027/) as string },
    });
    // Of another console nothing has changed.
    const other = await world.addConsole('mail');
    expect(await noticeWords(db(), other, 'announcement')).toMatchObject({ revision: 0, texts: {} });
  });

  it('of two operators at once one succeeds; the other is told, and nothing is overwritten', async () => {
    const wanted = (subject: string, revision: number) =>
      setNoticeWords(db(), consoleId, { kind: 'reminder', texts: { ja: { subject } }, revision }, by());
    for (const revision of [0, 1]) {
      const results = await Promise.all(['一', '二', '三', '四'].map((word) => wanted(word, revision)));
      const done = results.filter((one) => one.ok);
      expect(done).toHaveLength(1);
      const stands = await noticeWords(db(), consoleId, 'reminder');
      expect(stands).toMatchObject(done[0]?.ok ? { texts: done[0].words.texts, revision: revision + 1 } : {});
      expect(results.find((one) => !one.ok)).toMatchObject({ reason: 'changed-meanwhile' });
    }
    const events = await db()
      .selectFrom('audit_event')
      .select('detail')
      .where('action', '=', 'notice.words-changed')
      .orderBy('id')
      .execute();
    expect(events.at(-1)).toMatchObject({ detail: { kind: 'reminder', revision: 2, own: ['ja.subject'] } });
  });

  it('are refused with the place where a placeholder is unknown, unclosed or has no value; what is empty or the brand’s own is the brand’s', async () => {
    const refused = async (kind: (typeof WORDS_KINDS)[number], body: string) => {
      const result = await setNoticeWords(
        db(),
        consoleId,
        { kind, texts: { en: { body } }, revision: 0 },
        by(),
      );
      return result.ok || result.reason !== 'text-unfit' ? result : result.problem;
    };
    expect(await refused('completion', 'Hello {nmae}')).toEqual({
      reason: 'placeholder-unknown',
      name: 'nmae',
      locale: 'en',
      part: 'body',
    });
    expect(await refused('completion', 'Hello {name')).toMatchObject({ reason: 'placeholder-unclosed' });
    expect(await refused('withdrawn', '{cutOverDate}')).toMatchObject({
      reason: 'placeholder-without-value',
    });
    expect(await refused('completion', 'x'.repeat(20_001))).toMatchObject({ reason: 'text-too-long' });
    for (const kind of WORDS_KINDS) {
      const whole = wholeWords(kind, {});
      const { revision } = await noticeWords(db(), consoleId, kind);
      const texts = { ja: { ...whole.ja, subject: '  ' }, en: whole.en };
      const result = await setNoticeWords(db(), consoleId, { kind, texts, revision }, by());
      expect(result).toMatchObject({ ok: true, words: { texts: {} } });
    }
  });

  it('can be tried on an occasion of each kind', async () => {
    await addPeople(db(), consoleId, 1, world.now);
    for (const kind of WORDS_KINDS) {
      const cutOverAt = await exampleCutOver(db(), consoleId, world.now);
      const draft = { consoleId, ...occasionOfWords(kind, cutOverAt), texts: wholeWords(kind, {}) };
      for (const locale of ['ja', 'en'] as const)
        expect(await previewDraft(db(), house(), draft, locale)).toMatchObject({ ok: true });
    }
  });
});
