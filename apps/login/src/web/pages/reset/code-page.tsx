import {
  Button,
  CodeField,
  Countdown,
  ErrorSummary,
  Form,
  FormActions,
  Heading,
  Lead,
  Notice,
  Panel,
  SentenceWith,
  Steps,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import { CODE_LIFE } from '#domain/verification/codes.ts';
import { MINUTE, SECOND } from '#support/primitives/durations.ts';
import { formIdOf, OtherHost } from '#web/http/other-host.tsx';
import { renderPage, type Shell } from '#web/http/shell.tsx';
import { NewPasswordFields } from './new-password-fields.tsx';
import { texts } from './text.ts';

const CODE_FORM = 'code-form';

export type CodePageErrors = { code?: string; password?: string; confirmation?: string; resend?: string };

export type CodeView = {
  path: string;
  askPath: string;
  signInPath: string;
  consoleName: string | undefined;
  emailAddress: string;
  code: string;
  resendAt: Date;
  /** `resent`: another code is on its way. `held`: the limit is reached, so none was sent and the earlier one is to be used. */
  notice: 'held' | 'resent' | undefined;
  errors: CodePageErrors;
  now: Date;
};

/** Step 2 of R4: code and new password. Looks the same for every address. */
export function codePage(shell: Shell, view: CodeView): string {
  const all = texts[shell.locale];
  const t = all.code;
  const { errors } = view;
  return renderPage(shell, {
    title: t.title,
    consoleBadge: view.consoleName ? { label: all.badge, name: view.consoleName } : undefined,
    heading: (
      <>
        <Steps current={2} total={2} label={t.step} />
        <Heading>{t.title}</Heading>
        <Lead>
          <SentenceWith text={t.lead} literal={view.emailAddress} />
        </Lead>
        <ErrorSummary title={all.summary} errors={summary(errors)} />
      </>
    ),
    children: (
      <>
        {view.notice ? (
          <Notice tone={view.notice === 'held' ? 'warning' : 'success'} toneLabel={all.information}>
            {t[view.notice]}
          </Notice>
        ) : null}
        <Form action={view.path} id={formIdOf(shell, CODE_FORM)}>
          <input type="hidden" name="username" autocomplete="username" value={view.emailAddress} />
          <CodeField
            id="code"
            name="code"
            label={t.code}
            help={t.codeHelp(CODE_LIFE / MINUTE)}
            value={view.code}
            error={errors.code}
            required
          />
          <NewPasswordFields locale={shell.locale} rules={shell.passwordRules} errors={errors} />
          <FormActions>
            <Button wide>{t.submit}</Button>
          </FormActions>
        </Form>
        <Text>
          <TextLink href={view.signInPath}>{all.back}</TextLink>
        </Text>
        <OtherHost shell={shell} formId={CODE_FORM} />
      </>
    ),
    below: (
      <Panel title={t.resendTitle} id="resend-help">
        <Text>{t.resendHelp(shell.brand.senderAddress)}</Text>
        <Form action={`${view.path}/resend`}>
          <Countdown
            secondsLeft={Math.max(0, Math.ceil((view.resendAt.getTime() - view.now.getTime()) / SECOND))}
            buttonId="resend"
            waiting={t.resendWait}
            ready={t.resendReady}
          />
          <FormActions>
            <Button id="resend" kind="secondary" wide>
              {t.resend}
            </Button>
          </FormActions>
        </Form>
        <Text>
          <TextLink href={view.askPath}>{t.otherAddress}</TextLink>
        </Text>
      </Panel>
    ),
  });
}

function summary(errors: CodePageErrors): { fieldId: string; message: string }[] {
  return [
    { fieldId: 'code', message: errors.code },
    { fieldId: 'new-password', message: errors.password },
    { fieldId: 'confirmation', message: errors.confirmation },
    { fieldId: 'resend', message: errors.resend },
  ].filter((error): error is { fieldId: string; message: string } => error.message !== undefined);
}
