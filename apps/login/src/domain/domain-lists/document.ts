import type { ConsoleRow } from '#support/db/schema.ts';
import { japanDate, japanTime } from '#support/primitives/japan-time.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import { domainChanges, entryText, type DomainEntry, type OwnAddresses } from './entries.ts';
import type { DomainList } from './lists.ts';

/** A list as programs and administrators read it. Stable: fields are added, never changed. */
export type DomainListDocument = {
  console: { clientId: string; nameJa: string; nameEn: string };
  version: number;
  publishedAt: string;
  validFrom: string;
  entries: (DomainEntry & { protocol: 'tcp' | 'mail' })[];
  /** Against the version before. */
  added: string[];
  removed: string[];
  /** Where a browser tests them all. */
  testPage: string;
  versions: { version: number; publishedAt: string; validFrom: string }[];
};

/** The newest of the lists. @param lists newest first, at least one */
export function listDocument(
  { console, own }: { console: ConsoleRow; own: OwnAddresses },
  lists: readonly [DomainList, ...DomainList[]],
): DomainListDocument {
  const [list] = lists;
  const { added, removed } = changesOf(lists);
  return {
    console: { clientId: console.client_id, nameJa: console.name_ja, nameEn: console.name_en },
    version: list.version,
    publishedAt: list.madeAt.toISOString(),
    validFrom: list.validFrom.toISOString(),
    entries: list.entries.map((entry) => ({ ...entry, protocol: entry.port === null ? 'mail' : 'tcp' })),
    added: added.map(entryText),
    removed: removed.map(entryText),
    testPage: testPageOf(own, console),
    versions: lists.map(({ version, madeAt, validFrom }) => ({
      version,
      publishedAt: madeAt.toISOString(),
      validFrom: validFrom.toISOString(),
    })),
  };
}

/** The same as plain text: lines with `#` say what it is, all others are host and port, a tabulator, and what for. */
export function listText(
  { console, own }: { console: ConsoleRow; own: OwnAddresses },
  lists: readonly [DomainList, ...DomainList[]],
  locale: Locale,
): string {
  const t = texts[locale];
  const [list] = lists;
  const { added, removed } = changesOf(lists);
  const line = (entry: DomainEntry): string => `${entryText(entry)}\t${t.purposes[entry.purpose]}`;
  const name = oneLine(locale === 'ja' ? console.name_ja : console.name_en);
  return [
    `# ${t.title(name)}`,
    `# ${t.version(list.version, japanTime(list.madeAt, locale))}`,
    `# ${t.validFrom(japanDate(list.validFrom, locale))}`,
    `# ${t.test} ${testPageOf(own, console)}`,
    '#',
    ...list.entries.map(line),
    ...(lists.length > 1
      ? [
          '#',
          ...added.map((entry) => `# ${t.added} ${entryText(entry)}`),
          ...removed.map((entry) => `# ${t.removed(japanDate(list.validFrom, locale))} ${entryText(entry)}`),
        ]
      : []),
    '',
  ].join('\n');
}

/** What the newest list has more and less than the one before; nothing where there is only one. */
export function changesOf(lists: readonly [DomainList, ...DomainList[]]): ReturnType<typeof domainChanges> {
  const [list, before] = lists;
  return before ? domainChanges(before.entries, list.entries) : { added: [], removed: [] };
}

function testPageOf({ pagesUrl }: OwnAddresses, { client_id: clientId }: ConsoleRow): string {
  return `${pagesUrl}/connection-test/${encodeURIComponent(clientId)}`;
}

/** No name begins a line of its own. */
function oneLine(text: string): string {
  return text.replace(/\p{C}+/gu, ' ');
}

export const PURPOSE_WORDS = defineTexts({
  ja: {
    pages: '統合認証の画面',
    api: '統合認証のAPIと、管理画面から画面への案内',
    console: '管理画面',
    mail: 'メールの差出人のドメイン（受信の許可）',
  },
  en: {
    pages: 'Pages of the unified login',
    api: 'API of the unified login, and the way from consoles to its pages',
    console: 'Admin console',
    mail: 'Domain that mails come from (allow to receive)',
  },
});

const texts = defineTexts({
  ja: {
    title: (console: string) => `${console}のご利用に必要な接続先（ドメインとポート、いずれもTCP）`,
    version: (version: number, at: string) => `第${version}版（${at} 発行）`,
    validFrom: (date: string) => `${date} から有効`,
    test: '接続テスト:',
    purposes: PURPOSE_WORDS.ja,
    added: '前の版からの追加:',
    removed: (date: string) => `${date} から不要:`,
  },
  en: {
    title: (console) => `What must be reachable for ${console} (domains and ports, all TCP)`,
    version: (version, at) => `Version ${version}, published ${at}`,
    validFrom: (date) => `Valid from ${date}`,
    test: 'Connection test:',
    purposes: PURPOSE_WORDS.en,
    added: 'New in this version:',
    removed: (date) => `Not needed from ${date}:`,
  },
});
