import { Chip, LinkButton, Literal, Panel, Table, TextLink } from '@hitokagi/design-system';
import type { ConsoleCheck } from '#domain/consoles/check.ts';
import { consoleName } from '#domain/consoles/consoles.ts';
import { includesRole } from '#domain/operators/rights.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { consolePath } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { texts } from './text.ts';

type View = { consoles: readonly ConsoleRow[]; checks: ReadonlyMap<string, ConsoleCheck> };

/** All consoles, and which of them need somebody to look. */
export function listPage(context: WebContext, visit: Visit, { consoles, checks }: View): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'consoles',
    lead: t.lead,
    actions: includesRole(visit.operator.role, 'administrator') ? (
      <LinkButton href="/operator/consoles/new">{t.register}</LinkButton>
    ) : undefined,
    children: (
      <Panel>
        <Table
          caption={t.list}
          captionHidden
          columns={[
            { label: t.name, rowHeader: true },
            { label: t.clientId },
            { label: t.address },
            { label: t.checked },
          ]}
          rows={consoles.map((console) => ({
            key: console.id,
            cells: [
              <TextLink key="name" href={consolePath(console)}>
                {consoleName(console, locale)}
              </TextLink>,
              <Literal key="id">{console.client_id}</Literal>,
              <Literal key="home">{console.home_url}</Literal>,
              <CheckCell key="check" console={console} check={checks.get(console.id)} locale={locale} />,
            ],
          }))}
          empty={t.none}
        />
      </Panel>
    ),
  });
}

function CheckCell({
  console,
  check,
  locale,
}: {
  console: ConsoleRow;
  check: ConsoleCheck | undefined;
  locale: Locale;
}) {
  const t = texts[locale];
  return (
    <>
      <CheckChip check={check} locale={locale} />{' '}
      {console.second_secret_hash === null ? null : (
        <Chip tone="info" shape="half">
          {t.secretsTwo}
        </Chip>
      )}
      {check ? <div class="ui-quiet">{japanTime(check.at, locale)}</div> : null}
    </>
  );
}

/** How a console stood when it was last checked. */
export function CheckChip({ check, locale }: { check: ConsoleCheck | undefined; locale: Locale }) {
  const t = texts[locale];
  if (!check)
    return (
      <Chip tone="neutral" shape="ring">
        {t.neverChecked}
      </Chip>
    );
  return check.faults === 0 ? (
    <Chip tone="success" shape="check">
      {t.noFaults}
    </Chip>
  ) : (
    <Chip tone="warning" shape="triangle">
      {t.faults(String(check.faults))}
    </Chip>
  );
}
