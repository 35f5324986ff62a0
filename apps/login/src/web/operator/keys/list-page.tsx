import { Chip, LinkButton, Notice, Panel, Table, Text } from '@hitokagi/design-system';
import type { MasterKeyFacts } from '#domain/master-key/standing.ts';
import type { SigningKeyFacts, SigningKeyState } from '#domain/signing-keys/list.ts';
import { KEY_STATES } from '#domain/signing-keys/text.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { MasterKey, Servers } from './master-key.tsx';
import { texts } from './text.ts';

export type ListView = {
  keys: readonly SigningKeyFacts[];
  nextAt: Date | undefined;
  master: MasterKeyFacts;
  mayRotate: boolean;
  /** A next key was published a moment ago. */
  rotated: boolean;
};

/** An id is one long word; it may be parted anywhere, and is copied whole. */
function KeyId({ kid, alg }: SigningKeyFacts) {
  return (
    <>
      <span translate={false}>
        {(kid.match(/.{1,6}/g) ?? []).map((part) => (
          <>
            {part}
            <wbr />
          </>
        ))}
      </span>
      <Text quiet>{alg}</Text>
    </>
  );
}

const CHIPS = {
  next: { tone: 'info', shape: 'clock' },
  'in-use': { tone: 'success', shape: 'check' },
  kept: { tone: 'neutral', shape: 'half' },
  ended: { tone: 'neutral', shape: 'dash' },
} as const satisfies Record<SigningKeyState, object>;

/** Every signing key with its state and moments, the next rotation, and what the master key protects. */
export function listPage(context: WebContext, visit: Visit, view: ListView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const at = (moment: Date): string => japanTime(moment, locale);
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'keys',
    lead: t.lead,
    actions: view.mayRotate ? (
      <LinkButton href="/operator/keys/rotate" kind="secondary">
        {t.rotate}
      </LinkButton>
    ) : undefined,
    children: (
      <>
        {view.rotated && view.nextAt ? (
          <Notice tone="success" toneLabel={WORDS[locale].done} title={t.rotatedTitle} live>
            <Text>{t.rotated(at(view.nextAt))}</Text>
          </Notice>
        ) : null}
        <Panel title={t.next} width="reading">
          <Text>{view.nextAt ? t.nextAt(at(view.nextAt)) : WORDS[locale].undetermined}</Text>
        </Panel>
        <Panel title={t.signing}>
          <Table
            caption={t.signing}
            captionHidden
            columns={[
              { label: t.kid, rowHeader: true },
              { label: t.state },
              { label: t.made },
              { label: t.useFrom },
              { label: t.ends },
            ]}
            rows={view.keys.map((key) => ({
              key: key.kid,
              cells: [
                <KeyId {...key} />,
                <Chip {...CHIPS[key.state]}>{KEY_STATES[locale][key.state]}</Chip>,
                at(key.createdAt),
                at(key.useFrom),
                at(key.endsAt),
              ],
            }))}
          />
        </Panel>
        <Panel title={t.master} width="reading">
          <MasterKey master={view.master} locale={locale} />
        </Panel>
        <Panel title={t.servers}>
          <Servers master={view.master} locale={locale} />
        </Panel>
      </>
    ),
  });
}
