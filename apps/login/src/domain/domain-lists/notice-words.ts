import type { NoticeTexts } from '#domain/notices/kinds.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanDate } from '#support/primitives/japan-time.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import { entryText, type DomainChanges, type OwnAddresses } from './entries.ts';

/** What people are told of a change of the list: which domains, from when, and where the whole list is. Ready to be stored with a notice. */
export function domainNoticeWords(
  own: OwnAddresses,
  console: Pick<ConsoleRow, 'client_id'>,
  changes: DomainChanges,
  validFrom: Date,
): NoticeTexts {
  const page = `${own.pagesUrl}/connection-test/${encodeURIComponent(console.client_id)}`;
  const words = (locale: Locale) => {
    const t = texts[locale];
    const date = japanDate(validFrom, locale);
    const lines = [
      ...changes.added.map((entry) => t.added[entry.port === null ? 'mail' : 'web'](entryText(entry))),
      ...changes.removed.map((entry) => t.removed(entryText(entry), date)),
    ];
    return {
      subject: t.subject(date),
      body: t.body(date, lines.map((line) => `${t.bullet}${line}`).join('\n'), page),
    };
  };
  return { ja: words('ja'), en: words('en') };
}

const texts = defineTexts({
  ja: {
    bullet: '・',
    subject: (date: string) =>
      `【ご確認ください】{console}のご利用に必要な接続先（ドメイン）が${date}から変わります`,
    added: {
      web: (entry: string) => `追加：${entry}（接続の許可）`,
      mail: (entry: string) => `追加：${entry}（このドメインから届くメールの受信の許可）`,
    },
    removed: (entry: string, date: string) => `不要になります：${entry}（${date}までは必要です）`,
    body: (date: string, lines: string, page: string) => `{company}
{name} 様

{console}のご利用に必要な接続先（ドメインとポート）が、${date}から次のように変わります。

${lines}

■ していただくこと
・会社や学校などのネットワークで、閲覧できるサイトを制限している場合は、このメールをネットワークの管理者にお渡しください。制限していない場合は、何もする必要はありません。
・いまのネットワークから接続できるかどうかと、すべてのドメインの一覧（テキスト・JSON）は、次のページで確認できます。ログインは必要ありません。
  ${page}`,
  },
  en: {
    bullet: '- ',
    subject: (date) => `Please check: the domains that {console} needs change on ${date}`,
    added: {
      web: (entry) => `New: ${entry} (allow connections)`,
      mail: (entry) => `New: ${entry} (allow mail from this domain)`,
    },
    removed: (entry, date) => `No longer needed: ${entry} (still needed until ${date})`,
    body: (date, lines, page) => `Dear {name},
{company}

The domains and ports that {console} needs change on ${date}:

${lines}

What to do:
- If your network limits which sites can be opened, hand this mail to the administrator of your network. If it does not, you need not do anything.
- On this page you can test the connection from where you are, and get the whole list as text or JSON. You need not sign in: ${page}`,
  },
});
