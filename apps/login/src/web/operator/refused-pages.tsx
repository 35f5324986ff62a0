import { Heading, Lead, LinkButton, Text } from '@hitokagi/design-system';
import type { OperatorRole } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { defineTexts } from '#support/primitives/locale.ts';
import { renderPage, type Shell } from '#web/http/shell.tsx';
import { WORDS } from './words.ts';

/** For somebody who was an operator until lately. */
export function removedPage(shell: Shell, removedAt: Date): string {
  const t = texts[shell.locale];
  return renderPage(shell, {
    title: t.removed,
    heading: (
      <>
        <Heading>{t.removed}</Heading>
        <Lead>{t.removedLead(japanTime(removedAt, shell.locale))}</Lead>
      </>
    ),
    children: (
      <>
        <Text>{t.removedNext}</Text>
        <LinkButton href="/" kind="secondary" wide>
          {t.home}
        </LinkButton>
      </>
    ),
  });
}

/** For an operator whose role does not include a page. */
export function roleMissingPage(shell: Shell, role: { has: OperatorRole; needed: OperatorRole }): string {
  const t = texts[shell.locale];
  const { roles } = WORDS[shell.locale];
  return renderPage(shell, {
    title: t.missing,
    heading: (
      <>
        <Heading>{t.missing}</Heading>
        <Lead>{t.missingLead(roles[role.has], roles[role.needed])}</Lead>
      </>
    ),
    children: (
      <>
        <Text>{t.missingNext}</Text>
        <LinkButton href="/operator" kind="secondary" wide>
          {t.overview}
        </LinkButton>
      </>
    ),
  });
}

const texts = defineTexts({
  ja: {
    removed: '担当者の権限がありません',
    removedLead: (at: string) => `このアカウントの担当者の権限は、${at} に外されました。`,
    removedNext:
      '必要な場合は、統合認証の管理者に権限の追加を依頼してください。お客様としてのログインはこれまでどおり使えます。',
    home: '管理画面の一覧へ',
    missing: 'この操作の権限がありません',
    missingLead: (has: string, needed: string) =>
      `現在の権限は「${has}」です。このページには「${needed}」の権限が必要です。`,
    missingNext: '何も変更されていません。必要な場合は、管理者に操作または権限の変更を依頼してください。',
    overview: '概況へ戻る',
  },
  en: {
    removed: 'You are not an operator any more',
    removedLead: (at) => `The role of this account was taken on ${at}.`,
    removedNext:
      'If you need it, ask an administrator of the unified login to give it back. You can sign in to your consoles as before.',
    home: 'To your consoles',
    missing: 'Your role does not include this',
    missingLead: (has, needed) => `Your role is “${has}”; this page needs “${needed}”.`,
    missingNext: 'Nothing has changed. If you need it, ask an administrator to do it or to change your role.',
    overview: 'Back to the overview',
  },
});
