import {
  Heading,
  Lead,
  LinkButton,
  RefreshRegion,
  StatusList,
  Text,
  type Tone,
  type ShapeName,
} from '@hitokagi/design-system';
import type { LogoutProgress } from '#domain/logout/progress.ts';
import { defineTexts } from '#support/primitives/locale.ts';
import { renderPage, type Shell } from '#web/http/shell.tsx';

export type SignedOutView = {
  consoles: LogoutProgress['consoles'];
  continueUrl: string | undefined;
  entrances: readonly { nameJa: string; nameEn: string; url: string }[];
};

/** Says the truth about a single logout: who has confirmed, who is still being told. */
export function signedOutPage(shell: Shell, view: SignedOutView): string {
  const t = texts[shell.locale];
  const waiting = view.consoles.some((console) => console.state === 'waiting');
  return renderPage(shell, {
    title: t.title,
    ...(waiting ? { reloadSeconds: 5 } : {}),
    heading: (
      <>
        <Heading>{t.title}</Heading>
        <Lead>{waiting ? t.waitingLead : t.lead}</Lead>
      </>
    ),
    children: (
      <>
        {view.consoles.length === 0 ? null : (
          <RefreshRegion
            id="logout-progress"
            url={`${shell.path}${shell.path.includes('?') ? '&' : '?'}waited=1`}
            seconds={waiting ? 2 : undefined}
            live
          >
            <StatusList
              label={t.list}
              items={view.consoles.map((console) => ({
                name: shell.locale === 'ja' ? console.nameJa : console.nameEn,
                state: { ...SIGNS[console.state], label: t.states[console.state] },
              }))}
            />
            {waiting ? <Text quiet>{t.waitingNote}</Text> : null}
          </RefreshRegion>
        )}
        {view.continueUrl ? (
          <LinkButton href={view.continueUrl} wide>
            {t.continue}
          </LinkButton>
        ) : (
          <>
            <Text>{t.again}</Text>
            {view.entrances.map((entrance) => (
              <LinkButton href={entrance.url} kind="secondary" wide>
                {shell.locale === 'ja' ? entrance.nameJa : entrance.nameEn}
              </LinkButton>
            ))}
          </>
        )}
      </>
    ),
  });
}

const SIGNS: { readonly [S in 'waiting' | 'delivered' | 'failed']: { tone: Tone; shape: ShapeName } } = {
  delivered: { tone: 'success', shape: 'check' },
  waiting: { tone: 'info', shape: 'clock' },
  failed: { tone: 'warning', shape: 'triangle' },
};

const texts = defineTexts({
  ja: {
    title: 'ログアウトしました',
    lead: 'すべての管理画面からログアウトしました。このまま画面を閉じていただけます。',
    waitingLead: '統合認証からログアウトしました。一部の管理画面には、まだお知らせしているところです。',
    list: '管理画面ごとの状態',
    states: { delivered: 'ログアウト済み', waiting: 'お知らせ中', failed: '確認できませんでした' },
    waitingNote: 'つながりしだい自動でログアウトします。画面を閉じても続きます。',
    again: 'もう一度利用するときは、管理画面をお選びください。',
    continue: '管理画面に戻る',
  },
  en: {
    title: 'You are signed out',
    lead: 'You are signed out of all consoles. You can close this page.',
    waitingLead: 'You are signed out of the unified login. Some consoles are still being told.',
    list: 'State of each console',
    states: { delivered: 'Signed out', waiting: 'Being told', failed: 'Could not be confirmed' },
    waitingNote: 'They sign you out as soon as they can be reached, even when you close this page.',
    again: 'To use a console again, choose it here.',
    continue: 'Back to the console',
  },
});
