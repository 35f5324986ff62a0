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

/** Says the truth about a single logout: who has confirmed, who is still being told, who could not be. */
export function signedOutPage(shell: Shell, view: SignedOutView): string {
  const t = texts[shell.locale];
  const has = (state: ConsoleState): boolean => view.consoles.some((console) => console.state === state);
  const standing = has('waiting') ? 'waiting' : has('failed') ? 'failed' : 'delivered';
  return renderPage(shell, {
    title: t.title,
    ...(standing === 'waiting' ? { reloadSeconds: 5 } : {}),
    heading: <Heading>{t.title}</Heading>,
    children: (
      <>
        {view.consoles.length === 0 ? (
          <Lead>{t.leads.delivered}</Lead>
        ) : (
          <RefreshRegion
            id="logout-progress"
            url={`${shell.path}${shell.path.includes('?') ? '&' : '?'}waited=1`}
            seconds={standing === 'waiting' ? 2 : undefined}
            live
          >
            <Lead>{t.leads[standing]}</Lead>
            <StatusList
              label={t.list}
              items={view.consoles.map((console) => ({
                name: shell.locale === 'ja' ? console.nameJa : console.nameEn,
                state: { ...SIGNS[console.state], label: t.states[console.state] },
              }))}
            />
            {standing === 'delivered' ? null : <Text quiet>{t.notes[standing]}</Text>}
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

type ConsoleState = LogoutProgress['consoles'][number]['state'];

const SIGNS: { readonly [S in ConsoleState]: { tone: Tone; shape: ShapeName } } = {
  delivered: { tone: 'success', shape: 'check' },
  waiting: { tone: 'info', shape: 'clock' },
  failed: { tone: 'warning', shape: 'triangle' },
};

const texts = defineTexts({
  ja: {
    title: 'ログアウトしました',
    leads: {
      delivered: 'すべての管理画面からログアウトしました。このまま画面を閉じていただけます。',
      waiting: '統合認証からログアウトしました。一部の管理画面には、まだお知らせしているところです。',
      failed: '統合認証からログアウトしました。一部の管理画面では、ログアウトを確認できませんでした。',
    },
    list: '管理画面ごとの状態',
    states: { delivered: 'ログアウト済み', waiting: 'お知らせ中', failed: '確認できませんでした' },
    notes: {
      waiting: 'つながりしだい自動でログアウトします。画面を閉じても続きます。',
      failed: '確認できなかった管理画面は、その画面を開いてログアウトしてください。',
    },
    again: 'もう一度利用するときは、管理画面をお選びください。',
    continue: '管理画面に戻る',
  },
  en: {
    title: 'You are signed out',
    leads: {
      delivered: 'You are signed out of all consoles. You can close this page.',
      waiting: 'You are signed out of the unified login. Some consoles are still being told.',
      failed:
        'You are signed out of the unified login. Some consoles could not confirm that they signed you out.',
    },
    list: 'State of each console',
    states: { delivered: 'Signed out', waiting: 'Being told', failed: 'Could not be confirmed' },
    notes: {
      waiting: 'They sign you out as soon as they can be reached, even when you close this page.',
      failed: 'Please open a console that could not confirm, and sign out there.',
    },
    again: 'To use a console again, choose it here.',
    continue: 'Back to the console',
  },
});
