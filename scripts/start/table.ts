import type { Ports } from './ports.ts';

/** What samples/accounts.json holds: people to try the consoles with. All share one password of the legacy login. */
export type SampleAccounts = {
  legacyPassword: string;
  accounts: { emailAddress: string; name: string; note: { ja: string; en: string } }[];
};

/** What to open and as whom, first in Japanese, then in English. `samples` is absent when there are none. */
export function welcome(ports: Ports, logFolder: string, samples: SampleAccounts | null): string {
  return (['ja', 'en'] as const)
    .map((language) => inLanguage(language, ports, logFolder, samples))
    .join('\n');
}

const japanese = {
  running: '一鍵 (Hitokagi) が起動しました。',
  smsConsole: '管理画面 絶対リーチ!SMS',
  secondConsole: '管理画面 絶対リーチ!メール',
  login: '統合認証',
  operator: '統合認証の運用 (担当者)',
  mailbox: '届いたメールを見る',
  smtp: 'メールの受け口 (SMTP)',
  smpp: 'SMSゲートウェイの模擬 (SMPP)',
  accounts: (password: string) => `見本のお客様 (既存ログインのパスワードは全員 ${password})`,
  first:
    '統合認証のパスワードはまだありません。管理画面の「統合認証画面はこちら」から設定します。検証コードは「届いたメールを見る」に届きます。',
  staff:
    '担当者としてログインできるのは operator@example.co.jp (見本の管理者) です。この人も、最初に統合認証でパスワードを設定します。',
  logs: (folder: string) => `記録: ${folder}`,
  stop: '終了するには Ctrl-C を押してください。',
};

const texts: Record<'ja' | 'en', typeof japanese> = {
  ja: japanese,
  en: {
    running: 'Hitokagi is running.',
    smsConsole: 'Console 絶対リーチ!SMS',
    secondConsole: 'Console 絶対リーチ!メール',
    login: 'Unified login',
    operator: 'Its operator pages (staff)',
    mailbox: 'Mails that were sent',
    smtp: 'Mail in (SMTP)',
    smpp: 'SMS gateway simulator (SMPP)',
    accounts: (password) => `Sample customers (password of the legacy login for all of them: ${password})`,
    first:
      'Nobody has a password at the unified login yet: follow 「統合認証画面はこちら」 in a console to set one. The code arrives at "Mails that were sent".',
    staff:
      'The operator pages are for operator@example.co.jp (a sample administrator), who sets a password at the unified login first, too.',
    logs: (folder) => `Logs: ${folder}`,
    stop: 'Press Ctrl-C to stop.',
  },
};

function inLanguage(
  language: 'ja' | 'en',
  ports: Ports,
  logFolder: string,
  samples: SampleAccounts | null,
): string {
  const text = texts[language];
  const places = [
    [text.smsConsole, `http://localhost:${ports.smsConsole}`],
    [text.secondConsole, `http://localhost:${ports.secondConsole}`],
    [text.login, `http://localhost:${ports.login}`],
    [text.operator, `http://localhost:${ports.login}/operator`],
    [text.mailbox, `http://localhost:${ports.mailbox}`],
    [text.smtp, `localhost:${ports.smtp}`],
    [text.smpp, `localhost:${ports.smpp}`],
  ];
  const people = samples?.accounts.map((one) => [one.emailAddress, one.name, one.note[language]]) ?? [];
  const peopleLines = samples ? [`  ${text.accounts(samples.legacyPassword)}`, ...aligned(people), ''] : [];
  return [
    '',
    text.running,
    '',
    ...aligned(places),
    '',
    ...peopleLines,
    ...[text.first, text.staff, text.logs(logFolder), text.stop].map((line) => `  ${line}`),
    '',
  ].join('\n');
}

/** Rows of cells as lines, each column as wide as its widest cell. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  return rows.map((row) => {
    const cells = row.map((cell, column) => cell + ' '.repeat((widths?.[column] ?? 0) - widthOf(cell)));
    return `    ${cells.join('  ')}`.trimEnd();
  });
}

// Terminals draw Japanese letters and full-width signs two columns wide.
function widthOf(text: string): number {
  const wide = text.match(
    /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g,
  );
  return [...text].length + (wide?.length ?? 0);
}
