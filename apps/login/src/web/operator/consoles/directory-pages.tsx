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
  TextArea,
  TextField,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import {
  LONGEST_DIRECTORY_TOKEN_DAYS,
  type DirectoryEntry,
  type DirectoryToken,
} from '#domain/provisioning/directory-tokens.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { WebContext } from '#web/http/context.ts';
import { consolePath } from '../addresses.ts';
import { renderOperatorPage, type OperatorContent } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { shortened, WORDS } from '../words.ts';
import { DirectoryFacts, directoryPath, tokenPath } from './directory-parts.tsx';
import { directoryTexts } from './directory-text.ts';
import { texts } from './text.ts';

export const LONGEST_NAME = 100;
export const LONGEST_COMPANY = 200;
export const MOST_DOMAINS = 50;

/** As it was typed; domains one a line. */
export type Typed = { name: string; company: string; domains: string; consoleIds: boolean };
/** `wrong`: the first domain that is none; empty when there are too many. */
export type Fault = { field: 'name' | 'company' | 'domains'; wrong: string };

/** What a directory is registered with. */
export function registerPage(
  context: WebContext,
  visit: Visit,
  view: { console: ConsoleRow; typed: Typed; faults: readonly Fault[] },
): Promise<string> {
  const { locale } = visit.shell;
  const t = directoryTexts[locale];
  const { console, typed, faults } = view;
  const words = ({ field, wrong }: Fault): string => {
    if (field === 'name') return t.nameMissing;
    if (field === 'company') return t.companyLong;
    return wrong === '' ? t.domainsMany(MOST_DOMAINS) : t.domainWrong(shortened(wrong));
  };
  const error = (wanted: Fault['field']): string | undefined => {
    const fault = faults.find(({ field }) => field === wanted);
    return fault && words(fault);
  };
  const list = `${consolePath(console)}/directories`;
  return renderOperatorPage(context, visit, {
    ...about(console, visit),
    title: t.registerTitle,
    lead: t.registerLead,
    children: (
      <Panel width="reading">
        <ErrorSummary
          title={t.problems}
          errors={faults.map((fault) => ({ fieldId: fault.field, message: words(fault) }))}
        />
        <Form action={`${list}/new`}>
          <TextField
            id="name"
            name="name"
            label={t.name}
            help={t.nameHelp}
            value={typed.name}
            error={error('name')}
            autocomplete="off"
            maxLength={LONGEST_NAME}
            required
          />
          <TextField
            id="company"
            name="company"
            label={t.company}
            help={t.companyHelp}
            value={typed.company}
            error={error('company')}
            autocomplete="off"
            maxLength={LONGEST_COMPANY}
          />
          <TextArea
            id="domains"
            name="domains"
            label={t.domains}
            help={t.domainsHelp}
            value={typed.domains}
            error={error('domains')}
            rows={3}
          />
          <Checkbox
            id="consoleIds"
            name="consoleIds"
            label={t.consoleIds}
            help={t.consoleIdsHelp}
            checked={typed.consoleIds}
          />
          <FormActions beside>
            <Button>{t.doRegister}</Button>
            <LinkButton href={list} kind="text">
              {t.cancel}
            </LinkButton>
          </FormActions>
        </Form>
      </Panel>
    ),
  });
}

type OfDirectory = { console: ConsoleRow; directory: DirectoryEntry };

/** Before a token is made: what it will let its directory do. */
export function makePage(
  context: WebContext,
  visit: Visit,
  { console, directory, days, isWrong }: OfDirectory & { days: string; isWrong: boolean },
): Promise<string> {
  const { locale } = visit.shell;
  const t = directoryTexts[locale];
  const inForce = directory.tokens.filter(({ state }) => state === 'in-force').length;
  return renderOperatorPage(context, visit, {
    ...about(console, visit),
    title: t.makeTitle,
    lead: t.makeLead,
    children: (
      <Panel width="reading" title={directory.name}>
        <ErrorSummary
          title={t.problems}
          errors={isWrong ? [{ fieldId: 'days', message: t.daysWrong }] : []}
        />
        <DirectoryFacts directory={directory} locale={locale} />
        {inForce === 0 ? null : <Text>{t.othersStay(inForce)}</Text>}
        <Form action={`${directoryPath(directory.id)}/token`}>
          <TextField
            id="days"
            name="days"
            label={t.days}
            help={t.daysHelp}
            value={days}
            error={isWrong ? t.daysWrong : undefined}
            inputMode="numeric"
            autocomplete="off"
            width="short"
            maxLength={String(LONGEST_DIRECTORY_TOKEN_DAYS).length}
            required
          />
          <FormActions beside>
            <Button>{t.doMake}</Button>
            <LinkButton href={`${consolePath(console)}/directories`} kind="text">
              {t.cancel}
            </LinkButton>
          </FormActions>
        </Form>
      </Panel>
    ),
  });
}

/** The token that was just made, shown this once. */
export function madePage(
  context: WebContext,
  visit: Visit,
  { console, directory, made }: OfDirectory & { made: { id: string; token: string; expiresAt: Date } },
): Promise<string> {
  const { locale } = visit.shell;
  const t = directoryTexts[locale];
  return renderOperatorPage(context, visit, {
    ...about(console, visit),
    title: t.madeTitle,
    children: (
      <>
        <Panel width="reading" title={directory.name}>
          <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={t.once} live>
            <Text>{t.lost}</Text>
          </Notice>
          <DefinitionList
            items={[
              { term: t.token, description: <Secret>{made.token}</Secret> },
              { term: 'ID', description: <Literal>{made.id}</Literal> },
              { term: t.address, description: <Literal>{`${context.issuer}/scim/v2`}</Literal> },
              { term: t.expires, description: japanTime(made.expiresAt, locale) },
            ]}
          />
        </Panel>
        <Panel title={t.next} width="reading">
          <List ordered items={t.nextSteps} />
          <FormActions beside>
            <LinkButton href={`${consolePath(console)}/directories`}>{t.toList}</LinkButton>
          </FormActions>
        </Panel>
      </>
    ),
  });
}

/** Before a token is ended. */
export function revokePage(
  context: WebContext,
  visit: Visit,
  { console, directory, token }: OfDirectory & { token: DirectoryToken },
): Promise<string> {
  const { locale } = visit.shell;
  const all = texts[locale].directories;
  const t = directoryTexts[locale];
  const list = `${consolePath(console)}/directories`;
  const isEnded = token.state === 'revoked';
  const others = directory.tokens.filter(({ id, state }) => id !== token.id && state === 'in-force').length;
  return renderOperatorPage(context, visit, {
    ...about(console, visit),
    title: t.revokeTitle,
    lead: isEnded ? undefined : t.revokeLead,
    children: (
      <Panel width="reading" title={directory.name}>
        {isEnded ? (
          <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} live>
            <Text>{t.revokedBefore}</Text>
          </Notice>
        ) : null}
        <DefinitionList
          items={[
            { term: 'ID', description: <Literal>{token.id}</Literal> },
            { term: all.state, description: all.states[token.state] },
            { term: all.expires, description: japanTime(token.expiresAt, locale) },
            {
              term: all.lastUsed,
              description: token.lastUsedAt ? japanTime(token.lastUsedAt, locale) : all.never,
            },
          ]}
        />
        {isEnded ? (
          <LinkButton href={list}>{t.toList}</LinkButton>
        ) : (
          <>
            <Text>{others === 0 ? t.lastOne : t.othersStay(others)}</Text>
            <Form action={`${tokenPath(token.id)}/revoke`} hidden={[{ name: 'step', value: 'act' }]}>
              <FormActions beside>
                <Button kind="danger">{t.doRevoke}</Button>
                <LinkButton href={list} kind="text">
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
  const path = consolePath(console);
  return {
    job: 'consoles',
    console,
    trail: [
      { href: '/operator/consoles', label: texts[locale].title },
      { href: path, label: consoleName(console, locale) },
      { href: `${path}/directories`, label: texts[locale].directories.title },
    ],
  };
}
