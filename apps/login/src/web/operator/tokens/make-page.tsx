import {
  Button,
  DefinitionList,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  Literal,
  Notice,
  Panel,
  Secret,
  SelectField,
  Text,
  TextField,
} from '@hitokagi/design-system';
import { includesRole } from '#domain/operators/rights.ts';
import type { TokenEntry } from '#domain/operators/token-list.ts';
import { LONGEST_TOKEN_DAYS } from '#domain/operators/tokens.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { TOKENS } from './list-page.tsx';
import { texts } from './text.ts';

export type Typed = { name: string; role: string; days: string };
export type Fault = 'name' | 'role' | 'days';

/** What a token is made from. */
export function makePage(
  context: WebContext,
  visit: Visit,
  view: { typed: Typed; faults: readonly Fault[] },
): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { typed, faults } = view;
  const words = { name: t.nameMissing, role: t.roleTooHigh, days: t.daysWrong };
  const error = (fault: Fault) => (faults.includes(fault) ? words[fault] : undefined);
  const roles = (['viewer', 'support', 'administrator'] as const).filter((role) =>
    includesRole(visit.operator.role, role),
  );
  return renderOperatorPage(context, visit, {
    title: t.newTitle,
    job: 'tokens',
    trail: [{ href: TOKENS, label: t.title }],
    lead: t.newLead,
    children: (
      <Panel width="reading">
        <ErrorSummary
          title={t.problems}
          errors={faults.map((fault) => ({ fieldId: fault, message: words[fault] }))}
        />
        <Form action={`${TOKENS}/new`}>
          <TextField
            id="name"
            name="name"
            label={t.name}
            help={t.nameHelp}
            value={typed.name}
            error={error('name')}
            autocomplete="off"
            maxLength={100}
            required
          />
          <SelectField
            id="role"
            name="role"
            label={t.role}
            help={t.roleHelp}
            value={typed.role}
            error={error('role')}
            width="medium"
            choices={roles.map((role) => ({ value: role, label: WORDS[locale].roles[role] }))}
          />
          <TextField
            id="days"
            name="days"
            label={t.days}
            help={t.daysHelp}
            value={typed.days}
            error={error('days')}
            inputMode="numeric"
            autocomplete="off"
            width="short"
            maxLength={String(LONGEST_TOKEN_DAYS).length}
            required
          />
          <FormActions beside>
            <Button>{t.doMake}</Button>
            <LinkButton href={TOKENS} kind="text">
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
  made: { id: string; token: string; expiresAt: Date },
): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  return renderOperatorPage(context, visit, {
    title: t.madeTitle,
    job: 'tokens',
    trail: [{ href: TOKENS, label: t.title }],
    children: (
      <Panel width="reading">
        <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={t.once} live>
          <Text>{t.lost}</Text>
        </Notice>
        <DefinitionList
          items={[
            { term: t.token, description: <Secret>{made.token}</Secret> },
            { term: 'ID', description: <Literal>{made.id}</Literal> },
            { term: t.expires, description: japanTime(made.expiresAt, locale) },
            {
              term: t.example,
              description: (
                <Literal>{`curl -H "Authorization: Bearer hko_…" ${context.issuer}/api/operator/v1/consoles`}</Literal>
              ),
            },
          ]}
        />
        <FormActions beside>
          <LinkButton href={TOKENS}>{t.toList}</LinkButton>
        </FormActions>
      </Panel>
    ),
  });
}

/** Before a token is ended. */
export function revokePage(
  context: WebContext,
  visit: Visit,
  { token, refused }: { token: TokenEntry; refused: boolean },
): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const isEnded = refused || token.state === 'revoked';
  return renderOperatorPage(context, visit, {
    title: t.revokeTitle,
    job: 'tokens',
    trail: [{ href: TOKENS, label: t.title }],
    lead: isEnded ? undefined : t.revokeLead,
    children: (
      <Panel width="reading">
        {isEnded ? (
          <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} live>
            <Text>{t.revokedBefore}</Text>
          </Notice>
        ) : null}
        <DefinitionList
          items={[
            { term: t.name, description: token.name },
            { term: 'ID', description: <Literal>{token.id}</Literal> },
            {
              term: t.owner,
              description: token.operator ? <Literal>{token.operator.emailAddress}</Literal> : t.nobody,
            },
            { term: t.role, description: WORDS[locale].roles[token.role] },
            {
              term: t.lastUsed,
              description: token.lastUsedAt ? japanTime(token.lastUsedAt, locale) : t.never,
            },
          ]}
        />
        {isEnded ? (
          <LinkButton href={TOKENS}>{t.toList}</LinkButton>
        ) : (
          <Form action={`${TOKENS}/${encodeURIComponent(token.id)}/revoke`}>
            <FormActions beside>
              <Button kind="danger">{t.doRevoke}</Button>
              <LinkButton href={TOKENS} kind="text">
                {t.cancel}
              </LinkButton>
            </FormActions>
          </Form>
        )}
      </Panel>
    ),
  });
}
