import {
  Button,
  Checkbox,
  DefinitionList,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  List,
  Literal,
  Notice,
  Panel,
  Secret,
  Text,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import { usedLately, type ConsoleSecret } from '#domain/consoles/secrets.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { WebContext } from '#web/http/context.ts';
import { consolePath } from '../addresses.ts';
import { renderOperatorPage, type OperatorContent } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { SecretFacts, secretName } from './console-page.tsx';
import { texts } from './text.ts';

/** The secret that was just made, shown this once. `registered`: with its console. */
export function madePage(
  context: WebContext,
  visit: Visit,
  { console, clientSecret, registered }: { console: ConsoleRow; clientSecret: string; registered: boolean },
): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const path = consolePath(console);
  return renderOperatorPage(context, visit, {
    ...about(console, visit),
    title: registered ? t.made(consoleName(console, locale)) : t.secretMade,
    children: (
      <>
        <Panel width="reading">
          <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={t.secretOnce} live>
            <Text>{t.secretLost}</Text>
          </Notice>
          <DefinitionList
            items={[
              { term: t.secretMade, description: <Secret>{clientSecret}</Secret> },
              { term: t.clientId, description: <Literal>{console.client_id}</Literal> },
              { term: t.issuer, description: <Literal>{context.issuer}</Literal> },
            ]}
          />
        </Panel>
        <Panel title={t.next} width="reading">
          <List ordered items={registered ? t.nextSteps : t.rotateSteps.slice(1)} />
          <FormActions beside>
            <LinkButton href={path}>{t.toConsole}</LinkButton>
          </FormActions>
        </Panel>
      </>
    ),
  });
}

/** Before a second secret is made. */
export function makePage(
  context: WebContext,
  visit: Visit,
  { console, secrets }: { console: ConsoleRow; secrets: readonly ConsoleSecret[] },
): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const path = consolePath(console);
  return renderOperatorPage(context, visit, {
    ...about(console, visit),
    title: t.rotateTitle,
    lead: t.rotateLead,
    children: (
      <Panel width="reading">
        {secrets.length > 1 ? (
          <>
            <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote}>
              <Text>{t.twoAlready}</Text>
            </Notice>
            <LinkButton href={path}>{t.toConsole}</LinkButton>
          </>
        ) : (
          <>
            <List ordered items={t.rotateSteps} />
            <Form action={`${path}/secret`} hidden={[{ name: 'step', value: 'act' }]}>
              <FormActions beside>
                <Button>{t.doMake}</Button>
                <LinkButton href={path} kind="text">
                  {t.cancel}
                </LinkButton>
              </FormActions>
            </Form>
          </>
        )}
      </Panel>
    ),
  });
}

/** Before one of two secrets is ended. */
export function endPage(
  context: WebContext,
  visit: Visit,
  view: {
    console: ConsoleRow;
    secrets: readonly ConsoleSecret[];
    ended: ConsoleSecret | undefined;
    untold: boolean;
  },
): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { console, secrets, ended, untold } = view;
  const path = consolePath(console);
  const kept = secrets.find((one) => one !== ended);
  const isUsed = ended !== undefined && usedLately(ended, visit.now);
  const nameOf = (secret: ConsoleSecret): string =>
    secretName(secrets.indexOf(secret), secrets.length, locale);
  return renderOperatorPage(context, visit, {
    ...about(console, visit),
    title: t.endTitle,
    lead: t.endLead,
    children: (
      <Panel width="reading">
        {!ended || !kept ? (
          <>
            <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote}>
              <Text>{ended ? t.secretLast : t.secretGone}</Text>
            </Notice>
            <LinkButton href={path}>{t.toConsole}</LinkButton>
          </>
        ) : (
          <>
            {untold ? (
              <ErrorSummary
                title={t.problems}
                errors={[{ fieldId: 'evenIfUsed', message: t.endEvenIfUsedMissing }]}
              />
            ) : null}
            <DefinitionList
              items={[
                {
                  term: `${t.endWhich} (${nameOf(ended)})`,
                  description: <SecretFacts secret={ended} locale={locale} />,
                },
                {
                  term: `${t.endKeeps} (${nameOf(kept)})`,
                  description: <SecretFacts secret={kept} locale={locale} />,
                },
              ]}
            />
            {isUsed ? (
              <Notice tone="danger" toneLabel={WORDS[locale].pleaseNote}>
                <Text>{t.endUsed(japanTime(ended.lastUsedAt, locale))}</Text>
              </Notice>
            ) : (
              <Text>{t.endUnused}</Text>
            )}
            <Form
              action={`${path}/end-secret`}
              hidden={[
                { name: 'step', value: 'act' },
                { name: 'secret', value: ended.id },
              ]}
            >
              {isUsed ? (
                <Checkbox
                  id="evenIfUsed"
                  name="evenIfUsed"
                  label={t.endEvenIfUsed}
                  error={untold ? t.endEvenIfUsedMissing : undefined}
                />
              ) : null}
              <FormActions beside>
                <Button kind="danger">{t.doEnd}</Button>
                <LinkButton href={path} kind="text">
                  {t.cancel}
                </LinkButton>
              </FormActions>
            </Form>
          </>
        )}
      </Panel>
    ),
  });
}

function about(console: ConsoleRow, visit: Visit): Pick<OperatorContent, 'job' | 'console' | 'trail'> {
  const { locale } = visit.shell;
  return {
    job: 'consoles',
    console,
    trail: [
      { href: '/operator/consoles', label: texts[locale].title },
      { href: consolePath(console), label: consoleName(console, locale) },
    ],
  };
}
