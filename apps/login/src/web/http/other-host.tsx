import { List, Text, TextLink, UnreachableWarning } from '@hitokagi/design-system';
import { SECOND } from '#support/primitives/durations.ts';
import { defineTexts } from '#support/primitives/locale.ts';
import type { Shell } from './shell.tsx';

/** Tests whether our hosts and those of a console can be reached. */
export const CONNECTION_TEST_PATH = '/connection-test';

/** Answers pages of ours, on either host, that it has been reached. */
export const REACHABLE_PATH = '/reachable';

/** A web filter that drops packets answers nothing; whoever waits longer than this has a network that is no use. */
export const REACHED_WITHIN = 3 * SECOND;

/**
 * Under a form of a page where people begin, when the API has a host of its own: a warning that shows itself when that host cannot be reached from here, and the way to
 * the test, which works without script. Nothing where there is one host.
 */
export function OtherHost({ shell, formId }: { shell: Shell; formId: string }) {
  const { otherOrigin, locale } = shell;
  if (otherOrigin === undefined) return null;
  const t = texts[locale];
  const { host } = new URL(otherOrigin);
  const test = <TextLink href={CONNECTION_TEST_PATH}>{t.test}</TextLink>;
  return (
    <>
      <UnreachableWarning
        url={`${otherOrigin}${REACHABLE_PATH}`}
        limit={REACHED_WITHIN}
        formId={formId}
        toneLabel={t.label}
        title={t.title(host)}
        held={t.held}
      >
        <Text>{t.body}</Text>
        <List items={shell.ownHosts ?? []} />
      </UnreachableWarning>
      <Text quiet>
        {t.trouble} {test}
      </Text>
    </>
  );
}

/** The name by which the warning finds its form; none is needed where there is one host. */
export function formIdOf({ otherOrigin }: Shell, formId: string): string | undefined {
  return otherOrigin === undefined ? undefined : formId;
}

const texts = defineTexts({
  ja: {
    label: 'ご注意',
    title: (host: string) => `${host} につながりません`,
    body: 'お使いのネットワークが、統合認証の一部への接続を止めているようです。このまま続けられますが、管理画面へ移るときなどに途中で止まることがあります。社内のネットワーク管理者に、次のドメインへの接続の許可を依頼してください。',
    held: 'このまま続けるときは、もう一度ボタンを押してください。',
    trouble: 'うまく進まないときは：',
    test: '接続テスト',
  },
  en: {
    label: 'Please note',
    title: (host) => `${host} cannot be reached`,
    body: 'Your network seems to block a part of the unified login. You can go on, but you may be stopped later, for example on the way to a console. Please ask the administrator of your network to allow these domains:',
    held: 'To go on all the same, press the button again.',
    trouble: 'If you cannot get any further:',
    test: 'Connection test',
  },
});
