import {
  BrandMark,
  LanguageSwitch,
  Notice,
  OperatorPage,
  PageHead,
  renderDocument,
  Text,
  type NavLink,
} from '@hitokagi/design-system';
import type { ComponentChildren } from 'preact';
import { consoleName } from '#domain/consoles/consoles.ts';
import { includesRole, pageRight } from '#domain/operators/rights.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { defineTexts } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { pageParts } from '#web/http/shell.tsx';
import type { Visit } from './visit.ts';
import { WORDS } from './words.ts';
import { consolePath, movePath } from './addresses.ts';

export type OperatorContent = {
  title: string;
  /** The job that the page belongs to, marked in the navigation. */
  job:
    | 'overview'
    | 'migration'
    | 'notices'
    | 'consoles'
    | 'accounts'
    | 'imports'
    | 'mail'
    | 'deliveries'
    | 'audit'
    | 'keys'
    | 'settings'
    | 'tokens';
  /** The console that the page speaks of; the chooser names it. */
  console?: ConsoleRow | undefined;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  trail?: readonly { href: string; label: string }[];
  banner?: ComponentChildren;
  /** Where no script runs, the page loads itself anew after so many seconds. */
  reloadSeconds?: number | undefined;
  children: ComponentChildren;
};

/** A whole operator page: jobs at the left, console chooser, environment and role in view. */
export async function renderOperatorPage(
  context: WebContext,
  { operator, shell, kept }: Visit,
  content: OperatorContent,
): Promise<string> {
  const { locale } = shell;
  const t = texts[locale];
  const consoles = await context.consoles.all();
  const parts = pageParts(shell);
  const name = operator.name === '' ? operator.emailAddress : operator.name;
  const mayOpen = (path: string): boolean =>
    includesRole(operator.role, pageRight('GET', path)?.role ?? 'administrator');
  const jobs: readonly NavLink[] = [
    { href: '/operator', label: t.overview, current: content.job === 'overview' },
    { href: '/operator/migration', label: t.migration, current: content.job === 'migration' },
    { href: '/operator/notices', label: t.notices, current: content.job === 'notices' },
    ...(mayOpen('/operator/accounts')
      ? [{ href: '/operator/accounts', label: t.accounts, current: content.job === 'accounts' }]
      : []),
    { href: '/operator/consoles', label: t.consoles, current: content.job === 'consoles' },
    { href: '/operator/imports', label: t.imports, current: content.job === 'imports' },
    ...(mayOpen('/operator/mail')
      ? [{ href: '/operator/mail', label: t.mail, current: content.job === 'mail' }]
      : []),
    { href: '/operator/deliveries', label: t.deliveries, current: content.job === 'deliveries' },
    ...(mayOpen('/operator/audit')
      ? [{ href: '/operator/audit', label: t.audit, current: content.job === 'audit' }]
      : []),
    { href: '/operator/keys', label: t.keys, current: content.job === 'keys' },
    { href: '/operator/settings', label: t.settings, current: content.job === 'settings' },
  ];
  // It has the same field itself, with what was typed.
  const isSearchOfAccounts = content.job === 'accounts' && content.trail === undefined;
  return renderDocument(
    <OperatorPage
      lang={locale}
      title={content.title}
      skipLabel={parts.skipLabel}
      brand={{
        name: t.product,
        logo: <BrandMark name="key" />,
        homeUrl: '/operator',
        iconUrl: parts.iconUrl,
      }}
      stylesheets={parts.stylesheets}
      scripts={parts.scripts}
      nav={{ label: t.jobs, menuLabel: t.menu, links: jobs }}
      chooser={{
        label: t.console,
        current: content.console ? consoleName(content.console, locale) : t.allConsoles,
        choices: [
          {
            href: content.job === 'consoles' ? '/operator/consoles' : '/operator/migration',
            label: t.allConsoles,
            current: content.console === undefined,
          },
          ...consoles.map((console) => ({
            href: content.job === 'consoles' ? consolePath(console) : movePath(console),
            label: consoleName(console, locale),
            current: content.console?.id === console.id,
          })),
        ],
      }}
      search={
        mayOpen('/operator/accounts') && !isSearchOfAccounts
          ? { action: '/operator/accounts', label: t.findAccount, buttonLabel: t.find }
          : undefined
      }
      environment={{
        name: context.production ? t.production : t.development,
        production: context.production,
      }}
      role={{ label: t.role, name: WORDS[locale].roles[operator.role] }}
      account={{
        name,
        label: t.account,
        detail: operator.emailAddress,
        links: [
          { href: '/account', label: t.ownAccount },
          { href: '/operator/tokens', label: t.tokens },
          { href: '/', label: t.home },
        ],
        signOut: { action: '/sign-out', label: t.signOut },
      }}
      languageSwitch={<LanguageSwitch {...parts.languageSwitch} />}
      banner={content.banner}
      reloadSeconds={content.reloadSeconds}
    >
      <PageHead
        title={content.title}
        lead={content.lead}
        actions={content.actions}
        trail={content.trail ?? []}
      />
      {kept ? (
        <Notice
          tone={kept === 'back' ? 'info' : 'warning'}
          toneLabel={kept === 'back' ? WORDS[locale].info : WORDS[locale].pleaseNote}
          title={kept === 'back' ? t.keptBack : t.keptGone}
          live
        >
          <Text>{kept === 'back' ? t.keptBackWords : t.keptGoneWords}</Text>
        </Notice>
      ) : null}
      {content.children}
    </OperatorPage>,
  );
}

const texts = defineTexts({
  ja: {
    product: '統合認証の運用',
    jobs: '仕事',
    menu: 'メニュー',
    overview: '概況',
    migration: '移行',
    notices: 'お知らせ',
    consoles: '管理画面',
    accounts: 'アカウント',
    imports: '取り込み',
    mail: 'メール',
    deliveries: '配信',
    audit: '監査',
    keys: '鍵',
    settings: '設定',
    console: '管理画面',
    allConsoles: 'すべて',
    findAccount: 'アカウントを探す',
    find: '探す',
    production: '本番',
    development: '検証環境',
    role: '権限',
    account: 'アカウントのメニュー',
    ownAccount: '自分のアカウント',
    tokens: 'APIトークン',
    home: '管理画面の一覧',
    signOut: 'ログアウト',
    keptBack: '入力した内容を戻しました',
    keptBackWords: 'まだ何も行われていません。内容を確かめて、もう一度進めてください。',
    keptGone: '入力した内容は残っていません',
    keptGoneWords:
      '内容を残しておくのは1時間だけで、入力した担当者にだけ戻します。まだ何も行われていません。もう一度入力してください。',
  },
  en: {
    product: 'Unified Login Operations',
    jobs: 'Jobs',
    menu: 'Menu',
    overview: 'Overview',
    migration: 'Migration',
    notices: 'Notices',
    consoles: 'Consoles',
    accounts: 'Accounts',
    imports: 'Imports',
    mail: 'Mail',
    deliveries: 'Deliveries',
    audit: 'Audit',
    keys: 'Keys',
    settings: 'Settings',
    console: 'Console',
    allConsoles: 'All',
    findAccount: 'Find an account',
    find: 'Find',
    production: 'Production',
    development: 'Test environment',
    role: 'Role',
    account: 'Account menu',
    ownAccount: 'Your account',
    tokens: 'API tokens',
    home: 'Your consoles',
    signOut: 'Sign out',
    keptBack: 'What you typed is back',
    keptBackWords: 'Nothing has been done yet. Check what is here, then go on once more.',
    keptGone: 'What was typed is not kept any more',
    keptGoneWords:
      'It is kept for one hour, and only for the operator who typed it. Nothing has been done yet. Please type it once more.',
  },
});
