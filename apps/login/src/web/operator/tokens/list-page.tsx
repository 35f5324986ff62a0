import {
  Chip,
  LinkButton,
  Literal,
  Name,
  Notice,
  Pager,
  Panel,
  Table,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import type { TokenEntry } from '#domain/operators/token-list.ts';
import { DAY } from '#support/primitives/durations.ts';
import { japanDate, japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { withQuery } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { texts } from './text.ts';

export const TOKENS = '/operator/tokens';

/** So long before its end a token is warned of. */
const SOON = 14 * DAY;

type View = {
  tokens: readonly TokenEntry[];
  /** Tokens of everybody are shown. */
  all: boolean;
  /** Whether this operator may see those of others. */
  mayAll: boolean;
  next: string | null;
  isFirst: boolean;
  done: boolean;
  /** Made with the token that was revoked, and still good. */
  stillGood: readonly string[];
};

/** Tokens with which programs call the operator API: one's own, for administrators everybody's. */
export function listPage(context: WebContext, visit: Visit, view: View): Promise<string> {
  const { shell, now, operator } = visit;
  const { locale } = shell;
  const t = texts[locale];
  const { tokens, all, mayAll, next, isFirst } = view;
  const endSoon = tokens.filter(
    (one) => isEndingSoon(one, now) && one.operator?.accountId === operator.accountId,
  );
  const at = (wanted: { after?: string }) =>
    withQuery(TOKENS, { ...(all ? { whose: 'all' } : {}), ...wanted });
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'tokens',
    lead: t.lead,
    actions: <LinkButton href={`${TOKENS}/new`}>{t.make}</LinkButton>,
    children: (
      <>
        {view.done ? (
          <Notice tone="success" toneLabel={WORDS[locale].done} live>
            <Text>{t.done}</Text>
            {view.stillGood.length === 0 ? null : (
              <Text>
                {t.stillGood} {view.stillGood.join(', ')}
              </Text>
            )}
          </Notice>
        ) : null}
        {endSoon.length === 0 ? null : (
          <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={t.soonTitle}>
            <Text>{endSoon.map((one) => one.name).join(', ')}</Text>
            <Text>{t.soon}</Text>
          </Notice>
        )}
        <Panel
          title={all ? t.everybodys : t.mine}
          action={
            mayAll ? (
              <TextLink href={all ? TOKENS : `${TOKENS}?whose=all`}>{all ? t.mine : t.everybodys}</TextLink>
            ) : undefined
          }
        >
          <Table
            caption={all ? t.everybodys : t.mine}
            captionHidden
            columns={[
              { label: t.name, rowHeader: true },
              ...(all ? [{ label: t.owner }] : []),
              { label: t.role },
              { label: t.state },
              { label: t.expires },
              { label: t.lastUsed },
              { label: t.revoke },
            ]}
            rows={tokens.map((one) => ({
              key: one.id,
              cells: [
                one.name,
                ...(all ? [one.operator ? <Literal>{one.operator.emailAddress}</Literal> : t.nobody] : []),
                <Name>{WORDS[locale].roles[one.role]}</Name>,
                <StateChip token={one} now={now} locale={locale} />,
                <Name>{japanDate(one.expiresAt, locale)}</Name>,
                one.lastUsedAt ? japanTime(one.lastUsedAt, locale) : t.never,
                one.state === 'revoked' ? (
                  '–'
                ) : (
                  <Name>
                    <TextLink href={`${TOKENS}/${encodeURIComponent(one.id)}/revoke`}>{t.revoke}</TextLink>
                  </Name>
                ),
              ],
            }))}
            empty={<Text>{t.none}</Text>}
          />
          {isFirst && next === null ? null : (
            <Pager
              label={t.pages}
              position={t.position(tokens.length)}
              previous={isFirst ? undefined : { href: at({}), label: t.first }}
              next={next === null ? undefined : { href: at({ after: next }), label: t.next }}
            />
          )}
          {tokens.some((one) => one.state === 'resting') ? <Text quiet>{t.restingHelp}</Text> : null}
          <Text quiet>
            <TextLink href="/api/docs">{t.reference}</TextLink>
          </Text>
        </Panel>
      </>
    ),
  });
}

function isEndingSoon(token: TokenEntry, now: Date): boolean {
  return token.state === 'in-force' && token.expiresAt.getTime() - now.getTime() < SOON;
}

function StateChip({ token, now, locale }: { token: TokenEntry; now: Date; locale: Locale }) {
  const t = texts[locale];
  const word = t.states[token.state];
  if (isEndingSoon(token, now)) {
    const days = Math.floor((token.expiresAt.getTime() - now.getTime()) / DAY);
    return (
      <Chip tone="warning" shape="triangle">
        {t.endsSoon(days)}
      </Chip>
    );
  }
  switch (token.state) {
    case 'in-force':
      return (
        <Chip tone="success" shape="check">
          {word}
        </Chip>
      );
    case 'resting':
    case 'expired':
      return (
        <Chip tone="neutral" shape="square">
          {word}
        </Chip>
      );
    case 'revoked':
      return (
        <Chip tone="danger" shape="cross">
          {word}
        </Chip>
      );
  }
}
