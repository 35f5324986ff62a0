import {
  Button,
  CodeField,
  Countdown,
  DefinitionList,
  ErrorSummary,
  Form,
  FormActions,
  Heading,
  Lead,
  LinkButton,
  List,
  Literal,
  Notice,
  Panel,
  Text,
} from '@hitokagi/design-system';
import { CODE_LIFE } from '#domain/verification/codes.ts';
import { MINUTE, SECOND } from '#support/primitives/durations.ts';
import { renderPage, type Shell } from '#web/http/shell.tsx';
import { texts as resetTexts } from '#web/pages/reset/text.ts';
import { texts } from './code-text.ts';

export type ChangeCodeView = {
  path: string;
  code: string;
  error: string | undefined;
  resendError: string | undefined;
  resent: boolean;
  resendAt: Date;
  now: Date;
};

/** Where the code of an operator's change is typed. Says nothing of account or address: who has the mail knows them. */
export function changeCodePage(shell: Shell, view: ChangeCodeView): string {
  const t = texts[shell.locale];
  const shared = resetTexts[shell.locale];
  return renderPage(shell, {
    title: t.title,
    heading: (
      <>
        <Heading>{t.title}</Heading>
        <Lead>{t.lead}</Lead>
        <ErrorSummary
          title={shared.summary}
          errors={[
            { fieldId: 'code', message: view.error },
            { fieldId: 'resend', message: view.resendError },
          ].filter((one): one is { fieldId: string; message: string } => one.message !== undefined)}
        />
      </>
    ),
    children: (
      <>
        {view.resent ? (
          <Notice tone="success" toneLabel={shared.information}>
            {shared.code.resent}
          </Notice>
        ) : null}
        <Form action={view.path}>
          <CodeField
            id="code"
            name="code"
            label={shared.code.code}
            help={shared.code.codeHelp(CODE_LIFE / MINUTE)}
            value={view.code}
            error={view.error}
            required
          />
          <FormActions>
            <Button wide>{t.submit}</Button>
          </FormActions>
        </Form>
        <Text quiet>{t.nothingYet}</Text>
      </>
    ),
    below: (
      <Panel title={shared.code.resendTitle} id="resend-help">
        <Text>{t.mailHelp(shell.brand.senderAddress)}</Text>
        <Form action={`${view.path}/resend`}>
          <Countdown
            secondsLeft={Math.max(0, Math.ceil((view.resendAt.getTime() - view.now.getTime()) / SECOND))}
            buttonId="resend"
            waiting={shared.code.resendWait}
            ready={shared.code.resendReady}
          />
          <FormActions>
            <Button id="resend" kind="secondary" wide>
              {shared.code.resend}
            </Button>
          </FormActions>
        </Form>
      </Panel>
    ),
  });
}

/** The login ID is the new address. */
export function changeDonePage(shell: Shell, emailAddress: string): string {
  const t = texts[shell.locale].done;
  return renderPage(shell, {
    title: t.title,
    heading: (
      <>
        <Heading>{t.title}</Heading>
        <Lead>{t.lead}</Lead>
      </>
    ),
    children: (
      <>
        <DefinitionList items={[{ term: t.loginId, description: <Literal>{emailAddress}</Literal> }]} />
        <LinkButton href="/" wide>
          {t.home}
        </LinkButton>
        <Text>{t.password}</Text>
        <LinkButton href={`/reset?login_hint=${encodeURIComponent(emailAddress)}`} kind="secondary" wide>
          {t.set}
        </LinkButton>
      </>
    ),
  });
}

/** The code can change nothing (any more). */
export function changeRefusedPage(
  shell: Shell,
  reason: 'ended' | 'changed-meanwhile' | 'kept-by-administrators' | 'address-taken' | 'address-reserved',
): string {
  const all = texts[shell.locale];
  const t = all[reason];
  return renderPage(shell, {
    title: t.title,
    heading: (
      <>
        <Heading>{t.title}</Heading>
        <Lead>{t.lead}</Lead>
      </>
    ),
    children: (
      <>
        <Heading level={2}>{all.next}</Heading>
        <List items={[...all.nextSteps, shell.brand.support[shell.locale]]} />
        <LinkButton href="/" wide>
          {all.home}
        </LinkButton>
      </>
    ),
  });
}
