import {
  Heading,
  Lead,
  LinkButton,
  Name,
  RefreshRegion,
  StatusList,
  Text,
  type ShapeName,
  type Tone,
} from '@hitokagi/design-system';
import type { EndedBrowsers } from '#domain/logout/end-browsers.ts';
import { browserName } from '#domain/sessions/browser-name.ts';
import { renderPage, type Shell } from '#web/http/shell.tsx';
import { texts } from './text.ts';

export type EndedView = {
  /** The password was changed in the same act. */
  passwordChanged: boolean;
  /** Undefined: no other browser was signed in. */
  ended: EndedBrowsers | undefined;
  consoleName: (clientId: string) => string;
};

/** What became of browsers that the person has just ended: which consoles have confirmed, and which are still being told. */
export function endedPage(shell: Shell, view: EndedView): string {
  const all = texts[shell.locale];
  const t = all.ended;
  const title = view.passwordChanged ? t.passwordTitle : t.title;
  const waiting = view.ended?.consoles.some(({ state }) => state === 'waiting') ?? false;
  return renderPage(shell, {
    title,
    ...(waiting ? { reloadSeconds: 5 } : {}),
    heading: (
      <>
        <Heading>{title}</Heading>
        {view.passwordChanged ? <Lead>{t.passwordLead}</Lead> : null}
      </>
    ),
    children: (
      <>
        {view.ended === undefined ? null : (
          <Ended shell={shell} ended={view.ended} consoleName={view.consoleName} waiting={waiting} />
        )}
        <LinkButton href="/account" kind={view.passwordChanged ? 'primary' : 'secondary'} wide>
          {all.back}
        </LinkButton>
      </>
    ),
  });
}

function Ended({
  shell,
  ended,
  consoleName,
  waiting,
}: {
  shell: Shell;
  ended: EndedBrowsers;
  consoleName: EndedView['consoleName'];
  waiting: boolean;
}) {
  const t = texts[shell.locale].ended;
  const has = (...states: readonly ConsoleState[]): boolean =>
    ended.consoles.some(({ state }) => states.includes(state));
  const standing =
    ended.consoles.length === 0
      ? 'none'
      : waiting
        ? 'waiting'
        : has('failed', 'untold')
          ? 'failed'
          : 'delivered';
  return (
    <>
      <Text>
        {t.browsers}
        {namesOf(shell, ended.userAgents).map((name, index) => [
          index === 0 ? null : t.separator,
          <Name>{name}</Name>,
        ])}
      </Text>
      <RefreshRegion
        id="ended-progress"
        url={`${shell.path.split('?')[0] ?? ''}?waited=1`}
        seconds={waiting ? 2 : undefined}
        live
      >
        <Text>{t.leads[standing]}</Text>
        {ended.consoles.length === 0 ? null : (
          <StatusList
            label={t.list}
            items={ended.consoles.map(({ clientId, state }) => ({
              name: consoleName(clientId),
              state: { ...SIGNS[state], label: t.states[state] },
            }))}
          />
        )}
        {waiting ? <Text quiet>{t.notes.waiting}</Text> : null}
        {has('failed', 'untold') ? <Text quiet>{t.notes.failed}</Text> : null}
      </RefreshRegion>
    </>
  );
}

/** Each kind of browser once, with how many there were. */
function namesOf({ locale }: Shell, userAgents: EndedBrowsers['userAgents']): readonly string[] {
  const t = texts[locale].ended;
  const counts = new Map<string, number>();
  for (const userAgent of userAgents) {
    const name = browserName(userAgent, locale);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => t.counted(name, count));
}

type ConsoleState = EndedBrowsers['consoles'][number]['state'];

const SIGNS: { readonly [S in ConsoleState]: { tone: Tone; shape: ShapeName } } = {
  delivered: { tone: 'success', shape: 'check' },
  waiting: { tone: 'info', shape: 'clock' },
  failed: { tone: 'warning', shape: 'triangle' },
  untold: { tone: 'warning', shape: 'triangle' },
};
