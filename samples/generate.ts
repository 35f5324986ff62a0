// Writes samples/sms-users.csv, samples/mail-users.csv and samples/accounts.json.
// Run: node --import tsx samples/generate.ts
// The same input gives the same bytes: a test compares the files in the repository with what this makes.
import { writeFileSync } from 'node:fs';
import Encoding from 'encoding-japanese';

const PEOPLE = 300;
const COMPANIES = 40;
const IN_BOTH = 30;
const LAST_SMS_PERSON = 200;
const LEGACY_PASSWORD = 'Mihon-2026';

type Person = {
  number: number;
  smsUserId: string | null;
  mailUserId: string | null;
  emailAddress: string;
  name: string;
  company: string;
  locale: 'ja' | 'en';
};
type Row = readonly string[];

/** The three sample files as bytes, by file name. */
export function sampleFiles(): Record<'sms-users.csv' | 'mail-users.csv' | 'accounts.json', Buffer> {
  const people = Array.from({ length: PEOPLE }, (_, index) => person(index + 1));
  const sms = people.flatMap((one) => (one.smsUserId ? [row(one.smsUserId, one)] : []));
  const mail = people.flatMap((one) => (one.mailUserId ? [row(one.mailUserId, one)] : []));
  return {
    'sms-users.csv': shiftJis([
      ['ユーザーID', 'メールアドレス', '氏名', '会社名', '言語'],
      ...withBadRows(sms, smsBadRows(people)),
    ]),
    'mail-users.csv': utf8WithBom([
      ['user_id', 'email', 'name', 'company', 'locale'],
      ...withBadRows(mail, mailBadRows(people)),
    ]),
    'accounts.json': accountsFile(people),
  };
}

function person(number: number): Person {
  const company = ((number - 1) % COMPANIES) + 1;
  const locale = number % 12 === 0 ? 'en' : 'ja';
  const inSms = number <= LAST_SMS_PERSON;
  const inMail = number <= IN_BOTH || number > LAST_SMS_PERSON;
  return {
    number,
    smsUserId: inSms ? String(10_000 + number * 3) : null,
    mailUserId: inMail ? String(500_000 + number * 7) : null,
    emailAddress: `user${pad(number, 3)}@${domainOf(company)}`,
    name: nameOf(number, locale),
    company: companyName(company),
    locale,
  };
}

const GIVEN_NAMES = [
  '太郎',
  '花子',
  '次郎',
  '桜',
  '健一',
  '美咲',
  '大輔',
  '陽子',
  '髙志',
  '恵',
  '直樹',
  '由美',
];
const GIVEN_NAMES_EN = ['Taro', 'Hanako', 'Jiro', 'Sakura', 'Kenichi', 'Misaki'];

function nameOf(number: number, locale: 'ja' | 'en'): string {
  const names = locale === 'en' ? GIVEN_NAMES_EN : GIVEN_NAMES;
  const given = names[(Math.floor(number / 12) + number - 1) % names.length] ?? names[0];
  return locale === 'en' ? `${given} Mihon ${pad(number, 3)}` : `見本 ${given} ${pad(number, 3)}`;
}

const COMPANY_KINDS = [
  '見本商事',
  '見本製作所',
  '見本運輸',
  '見本薬局',
  '見本旅行',
  '例示物産',
  '例示クリニック',
  '例示不動産',
];

function companyName(company: number): string {
  if (company === 12) return 'Mihon Trading 12, Ltd.';
  const kind = COMPANY_KINDS[(company - 1) % COMPANY_KINDS.length];
  return company % 9 === 0 ? `㈱${kind} ${pad(company, 2)}` : `${kind} ${pad(company, 2)} 株式会社`;
}

function domainOf(company: number): string {
  const base = ['example.co.jp', 'example.jp', 'example.com'][(company - 1) % 3] ?? 'example.co.jp';
  return company <= 3 ? base : `mihon-${pad(company, 2)}.${base}`;
}

/** Rows that an import must refuse, with the position at which an office's file has them. */
function smsBadRows(people: readonly Person[]): readonly { at: number; row: Row }[] {
  const fifth = people[4] as Person;
  const eighth = people[7] as Person;
  return [
    { at: 17, row: ['90001', 'user901.example.co.jp', '見本 誤記 901', '見本商事 01 株式会社', 'ja'] },
    { at: 42, row: ['', 'user902@example.co.jp', '見本 番号無 902', '見本商事 01 株式会社', 'ja'] },
    {
      at: 88,
      row: [String(fifth.smsUserId), 'user903@example.co.jp', '見本 重複 903', '見本商事 01 株式会社', 'ja'],
    },
    { at: 131, row: ['90004', eighth.emailAddress.toUpperCase(), '見本 同住所 904', eighth.company, 'ja'] },
    { at: 170, row: ['90005', 'user905@example.co.jp', '見本 列不足 905'] },
  ];
}

function mailBadRows(people: readonly Person[]): readonly { at: number; row: Row }[] {
  const first = people[LAST_SMS_PERSON] as Person;
  const second = people[LAST_SMS_PERSON + 1] as Person;
  return [
    { at: 9, row: ['590001', 'user911@@example.com', '見本 誤記 911', '見本運輸 03 株式会社', 'ja'] },
    { at: 33, row: ['', 'user912@example.com', '見本 番号無 912', '見本運輸 03 株式会社', 'ja'] },
    {
      at: 60,
      row: [String(first.mailUserId), 'user913@example.com', '見本 重複 913', '見本運輸 03 株式会社', 'ja'],
    },
    { at: 95, row: ['590004', second.emailAddress, '見本 同住所 914', second.company, 'ja'] },
    {
      at: 118,
      row: [
        '590005',
        'user915@example.com',
        '見本 列過多 915',
        '見本運輸 03 株式会社',
        'ja',
        '090-0000-0915',
        '予備',
      ],
    },
  ];
}

function withBadRows(good: readonly Row[], bad: readonly { at: number; row: Row }[]): readonly Row[] {
  const rows = [...good];
  for (const { at, row } of bad) rows.splice(at, 0, row);
  return rows;
}

function row(userId: string, one: Person): Row {
  return [userId, asTyped(one), one.name, one.company, one.locale];
}

/** Two good rows are written carelessly, as people do: spaces around the address, full-width letters. */
function asTyped(one: Person): string {
  if (one.number === 50) return ` ${one.emailAddress} `;
  if (one.number === 60)
    return one.emailAddress.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
  return one.emailAddress;
}

function accountsFile(people: readonly Person[]): Buffer {
  const pick = (number: number) => people[number - 1] as Person;
  const shown = [
    { person: pick(1), note: { ja: '両方の管理画面を使う人', en: 'uses both consoles' } },
    { person: pick(31), note: { ja: '絶対リーチ!SMS だけを使う人', en: 'uses 絶対リーチ!SMS only' } },
    { person: pick(12), note: { ja: '英語で使う人 (両方の管理画面)', en: 'reads English (both consoles)' } },
  ];
  const accounts = shown.map(({ person: one, note }) => ({
    emailAddress: one.emailAddress,
    name: one.name,
    company: one.company,
    locale: one.locale,
    consoles: [
      ...(one.smsUserId ? [{ console: 'sms', userId: one.smsUserId }] : []),
      ...(one.mailUserId ? [{ console: 'mail', userId: one.mailUserId }] : []),
    ],
    note,
  }));
  return Buffer.from(`${JSON.stringify({ legacyPassword: LEGACY_PASSWORD, accounts }, null, 2)}\n`);
}

function shiftJis(rows: readonly Row[]): Buffer {
  return Buffer.from(Encoding.convert(Encoding.stringToCode(csv(rows)), { from: 'UNICODE', to: 'SJIS' }));
}

function utf8WithBom(rows: readonly Row[]): Buffer {
  return Buffer.from(`\uFEFF${csv(rows)}`);
}

/** RFC 4180 with CRLF, as Excel writes it: only fields that need quotes have them. */
function csv(rows: readonly Row[]): string {
  const field = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  return rows.map((one) => `${one.map(field).join(',')}\r\n`).join('');
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

if (import.meta.main) {
  for (const [name, bytes] of Object.entries(sampleFiles())) {
    writeFileSync(new URL(name, import.meta.url), bytes);
  }
}
