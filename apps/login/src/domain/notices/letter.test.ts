import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NoticeKind } from './kinds.ts';
import { noticeLetter, noticeTextProblem, type NoticeOccasion } from './letter.ts';
import { fillPlaceholders, PLACEHOLDERS } from './placeholders.ts';

const house = {
  brand: {
    name: { ja: '絶対リーチ! 統合認証', en: 'Zettai Reach! Unified Login' },
    keyColour: '#0b3d91',
    senderName: '絶対リーチ! 統合認証',
    senderAddress: 'no-reply@login.example.co.jp',
    replyTo: null,
    support: { ja: 'お問い合わせ：support@example.co.jp', en: 'Questions? support@example.co.jp' },
    help: { ja: '', en: '' },
    mailFooter: { ja: '株式会社見本商事', en: 'Mihon Trading Co., Ltd.' },
  },
  pagesUrl: 'https://login.example.co.jp',
};
const occasion = (kind: NoticeKind, more: Partial<NoticeOccasion> = {}): NoticeOccasion => ({
  kind,
  daysBefore: kind === 'reminder' ? 30 : null,
  cutOverAt: new Date('2027-03-31T22:00:00+09:00'),
  oldCutOverAt: kind === 'correction' ? new Date('2027-02-28T22:00:00+09:00') : null,
  texts: {},
  console: {
    clientId: 'sms',
    nameJa: '絶対リーチ!SMS',
    nameEn: 'Zettai Reach! SMS',
    support: { ja: '', en: '' },
  },
  ...more,
});
const taro = { name: '見本 太郎', company: '見本商事', emailAddress: 'taro@example.co.jp' };

const EVERY: [string, NoticeOccasion][] = [
  ['announcement', occasion('announcement')],
  ['reminder', occasion('reminder')],
  ['correction: postponed', occasion('correction')],
  ['correction: taken back', occasion('correction', { cutOverAt: null })],
  ['completion', occasion('completion')],
];

describe('R14: the brand’s words', () => {
  it.each(EVERY)(
    '%s: complete in Japanese and English, as text and as HTML, without a link that acts',
    (_name, notice) => {
      for (const locale of ['ja', 'en'] as const) {
        const { subject, text, html } = noticeLetter(house, notice, taro, locale);
        for (const part of [subject, text, html]) expect(part).not.toMatch(/[{}]|undefined|null/);
        expect(subject.length).toBeLessThan(120);
        expect(text).toContain('見本 太郎');
        expect(text).toContain('見本商事');
        expect(html).toContain(`lang="${locale}"`);
        expect(html).not.toMatch(/<a |<img|<script|http-equiv/i);
        expect(text).toContain(house.brand.support[locale]);
        expect(text).toContain(locale === 'ja' ? 'お尋ねすることはありません' : 'never ask you');
        // Passwords are independent (R6), in every one of them but the last, which says that the old one is not carried over.
        expect(text).toMatch(locale === 'ja' ? /別のもの/ : /independent|not the password of/);
      }
    },
  );

  it('the announcement says what changes, when, what to do now, and which sender to allow', () => {
    const { subject, text } = noticeLetter(house, occasion('announcement'), taro, 'ja');
    expect(subject).toBe(
      '【重要】2027年3月31日(水)から絶対リーチ!SMSのログイン方法が変わります｜絶対リーチ! 統合認証',
    );
    for (const fact of [
      '2027年3月31日(水) 22:00に、絶対リーチ!SMSのログイン方法が「絶対リーチ! 統合認証」（統合認証）に変わります。',
      'https://login.example.co.jp/reset?client_id=sms',
      '検証コード',
      'no-reply@login.example.co.jp',
      'login.example.co.jp からのメールを受信できるように',
      'taro@example.co.jp',
    ])
      expect(text).toContain(fact);
    const english = noticeLetter(house, occasion('announcement'), taro, 'en');
    expect(english.text).toContain('On Wed 31 Mar 2027 at 22:00 (Japan time)');
  });

  it('a correction names the former date and the new one', () => {
    const { text } = noticeLetter(house, occasion('correction'), taro, 'ja');
    expect(text).toContain('2027年2月28日(日)に予定していた');
    expect(text).toContain('2027年3月31日(水) 22:00に変更します');
    expect(noticeLetter(house, occasion('correction', { oldCutOverAt: null }), taro, 'ja').text).toContain(
      '先にお知らせした日に予定していた',
    );
  });

  it('a person without name and company is addressed all the same', () => {
    const { text } = noticeLetter(house, occasion('announcement'), { ...taro, name: ' ', company: '' }, 'ja');
    expect(text).toMatch(/^ご担当者 様\n\n/);
  });
});

describe('R14: an operator’s own words', () => {
  const texts = (body: string, subject?: string) => ({ ja: { body, ...(subject ? { subject } : {}) } });

  it('replace the brand’s by language and part; placeholders are filled', () => {
    const notice = occasion('announcement', {
      texts: {
        ja: { subject: '{console}からの大切なお知らせ' },
        en: { body: 'Hello {name}.\n\n- one\n- two {cutOverDate}' },
      },
    });
    const [ja, en] = [noticeLetter(house, notice, taro, 'ja'), noticeLetter(house, notice, taro, 'en')];
    expect(ja.subject).toBe('絶対リーチ!SMSからの大切なお知らせ｜絶対リーチ! 統合認証');
    expect(ja.text).toContain('これまでのログイン画面とパスワードではログインできなくなります');
    expect(en.subject).toContain('Important: the way to sign in');
    expect(en.text).toMatch(/^Hello 見本 太郎\.\n\n・one\n・two Wed 31 Mar 2027\n\n---/);
    expect(en.html).toMatch(/<ul[^>]*><li[^>]*>one<\/li><li[^>]*>two Wed 31 Mar 2027<\/li><\/ul>/);
  });

  it.each([
    ['{cutoverDate}に変わります', 'placeholder-unknown', 'cutoverDate'],
    ['{name }様', 'placeholder-unknown', 'name '],
    ['{__proto__}', 'placeholder-unknown', '__proto__'],
    ['{name様', 'placeholder-unclosed', 'name様'],
    ['name}様', 'placeholder-unclosed', '}'],
    ['{{name}}', 'placeholder-unclosed', ''],
    ['{na\nme}', 'placeholder-unclosed', 'na'],
    ['{oldCutOverDate}', 'placeholder-without-value', 'oldCutOverDate'],
    ['{daysBefore}', 'placeholder-without-value', 'daysBefore'],
  ])('%s is refused with the name', (body, reason, name) => {
    expect(noticeTextProblem({ kind: 'announcement', cutOverAt: new Date() }, texts(body))).toEqual({
      reason,
      name,
      locale: 'ja',
      part: 'body',
    });
  });

  it('a date that a taken-back cut-over does not have is refused', () => {
    expect(
      noticeTextProblem({ kind: 'correction', cutOverAt: null }, { en: { subject: 'Until {cutOverDate}' } }),
    ).toMatchObject({ reason: 'placeholder-without-value', locale: 'en', part: 'subject' });
    expect(
      noticeTextProblem({ kind: 'correction', cutOverAt: null }, { en: { subject: '{oldCutOverDate}' } }),
    ).toBeUndefined();
  });

  it('every placeholder that is documented has a value in some notice', () => {
    const all = PLACEHOLDERS.filter(
      (name) =>
        !(['announcement', 'reminder', 'correction', 'completion'] as const).some(
          (kind) => !noticeTextProblem({ kind, cutOverAt: new Date() }, texts(`{${name}}`)),
        ),
    );
    expect(all).toEqual([]);
  });
});

describe('V3, A2: what an import brought in names cannot leave its place', () => {
  it('no value begins a line, a header, a tag or a placeholder of its own', () => {
    const evil = {
      name: 'x\r\nBcc: victim@example.co.jp\r\n\r\n{company}<img src=x onerror=alert(1)>\u2028\u202e',
      company: '・list\n■ heading',
      emailAddress: 'taro@example.co.jp',
    };
    const { subject, text, html } = noticeLetter(
      house,
      occasion('announcement', { texts: { ja: { subject: '{name}' } } }),
      evil,
      'ja',
    );
    expect(subject).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
    expect(text).toContain('x Bcc: victim@example.co.jp {company}<img');
    expect(text).not.toMatch(/^Bcc|^■ heading/m);
    expect(html).not.toContain('<img');
  });

  it('whatever is written is filled or refused, never thrown, and values stay values', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, value) => {
        const result = fillPlaceholders(`${text}{name}`, { name: value });
        if (result.ok)
          expect(result.text.split('\n').length).toBeLessThanOrEqual(text.split(/\r\n|\r|\n/).length);
        else expect(result.reason).toMatch(/^placeholder-/);
      }),
    );
  });

  it('names whom the console has people ask, where it has somebody of its own', () => {
    const own = { ...occasion('announcement').console, support: { ja: '見本窓口 03-0000-0000', en: '' } };
    const asks = (locale: 'ja' | 'en') =>
      noticeLetter(house, occasion('announcement', { console: own }), taro, locale).text;
    expect(asks('ja')).toContain('見本窓口 03-0000-0000');
    expect(asks('en')).toContain(house.brand.support.en);
  });
});
