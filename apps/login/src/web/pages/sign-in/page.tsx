import {
  Button,
  Callout,
  ErrorSummary,
  Form,
  FormActions,
  Heading,
  Lead,
  LinkButton,
  Notice,
  PasswordField,
  SentenceWith,
  Text,
  TextField,
  TextLink,
} from '@hitokagi/design-system';
import type { AuthenticateResult } from '#domain/sign-in/authenticate.ts';
import { MINUTE, SECOND } from '#support/primitives/durations.ts';
import { formIdOf, OtherHost } from '#web/http/other-host.tsx';
import { renderPage, type Shell } from '#web/http/shell.tsx';
import { texts } from './text.ts';

export type SignInRefusal = Exclude<
  Extract<AuthenticateResult, { ok: false }>,
  { reason: 'new-password-needed' }
>;

const SIGN_IN_FORM = 'sign-in-form';

export type SignInView = {
  /** Where the form goes: this page's own path. */
  path: string;
  /** The first page of the password reset, under the same pending sign-in. */
  resetPath: string;
  consoleName: string | undefined;
  /** Where the person was sent here from: their own page, an operator page, or a page that asks even somebody who is signed in … */
  goal: 'account' | 'operator' | 'anew' | undefined;
  /** … where something was left undone, because nobody was signed in any more. */
  interrupted: boolean;
  /** The console's legacy password works once here (R21). */
  acceptsLegacyPassword: boolean;
  /** During the parallel period: the console's legacy login page. */
  legacyLoginUrl: string | undefined;
  emailAddress: string;
  refusal: SignInRefusal | undefined;
  now: Date;
};

/** The sign-in page (R2). What was typed as the login ID stays in the field. */
export function signInPage(shell: Shell, view: SignInView): string {
  const t = texts[shell.locale];
  const legacy = view.acceptsLegacyPassword && view.consoleName ? t.legacy(view.consoleName) : undefined;
  const error = view.refusal && refusalText(shell, view.refusal, view.now);
  const place = view.refusal && fieldOf(view.refusal);
  const help = shell.brand.help[shell.locale];
  return renderPage(shell, {
    title: t.title,
    consoleBadge: view.consoleName ? { label: t.badge, name: view.consoleName } : undefined,
    heading: (
      <>
        <Heading>{t.title}</Heading>
        <Lead>{leadOf(shell, view)}</Lead>
        <ErrorSummary
          title={t.summary}
          errors={error ? [{ fieldId: place ?? 'password', message: error }] : []}
        />
      </>
    ),
    aside: (
      <Callout
        id="first-time"
        title={t.firstTitle}
        action={
          <LinkButton href={view.resetPath} kind="secondary" wide>
            {t.firstAction}
          </LinkButton>
        }
      >
        <Text>{legacy?.firstBody ?? t.firstBody}</Text>
        <Text>{t.firstSteps}</Text>
      </Callout>
    ),
    below: help === '' ? undefined : <Text quiet>{help}</Text>,
    children: (
      <>
        <Form action={view.path} id={formIdOf(shell, SIGN_IN_FORM)}>
          <TextField
            id="login-id"
            name="email_address"
            type="email"
            label={t.loginId}
            help={t.loginIdHelp}
            value={view.emailAddress}
            autocomplete="username"
            inputMode="email"
            error={place === 'login-id' ? error : undefined}
            required
          />
          <PasswordField
            id="password"
            name="password"
            label={t.password}
            help={legacy?.passwordHelp ?? t.passwordHelp}
            showLabel={t.show}
            hideLabel={t.hide}
            autocomplete="current-password"
            error={place === 'password' ? error : undefined}
            required
          />
          <FormActions>
            <Button wide>{t.submit}</Button>
          </FormActions>
        </Form>
        <Text>
          <TextLink href={view.resetPath}>{t.forgot}</TextLink>
        </Text>
        <OtherHost shell={shell} formId={SIGN_IN_FORM} />
        {view.consoleName && view.legacyLoginUrl ? (
          <Notice tone="info" toneLabel={t.information} title={t.independentTitle}>
            <Text>{t.independent(view.consoleName)}</Text>
            <TextLink href={view.legacyLoginUrl}>{t.legacyBack(view.consoleName)}</TextLink>
          </Notice>
        ) : null}
      </>
    ),
  });
}

/** The page for someone who is signed in but is not one of this console's people. */
export function notLinkedPage(
  shell: Shell,
  view: { path: string; consoleName: string; emailAddress: string },
): string {
  const t = texts[shell.locale];
  return renderPage(shell, {
    title: t.notLinkedTitle(view.consoleName),
    heading: (
      <>
        <Heading>{t.notLinkedTitle(view.consoleName)}</Heading>
        <Lead>
          <SentenceWith text={t.notLinkedLead} literal={view.emailAddress} />
        </Lead>
      </>
    ),
    children: (
      <>
        <Text>{t.notLinkedNext}</Text>
        <LinkButton href={`${view.path}?other=1`} wide>
          {t.notLinkedOther}
        </LinkButton>
        <LinkButton href="/" kind="secondary" wide>
          {t.notLinkedList}
        </LinkButton>
      </>
    ),
  });
}

/** The page for a browser that cannot prove that this sign-in is its own. */
export function foreignSignInPage(
  shell: Shell,
  view: { consoleName: string | undefined; startUrl: string },
): string {
  const t = texts[shell.locale];
  return renderPage(shell, {
    title: t.foreignTitle,
    consoleBadge: view.consoleName ? { label: t.badge, name: view.consoleName } : undefined,
    heading: (
      <>
        <Heading>{t.foreignTitle}</Heading>
        <Lead>{t.foreignLead}</Lead>
      </>
    ),
    children: (
      <>
        <Text>{t.foreignCookies}</Text>
        <LinkButton href={view.startUrl} wide>
          {t.foreignAgain}
        </LinkButton>
      </>
    ),
  });
}

function leadOf(shell: Shell, view: SignInView): string {
  const t = texts[shell.locale];
  if (view.consoleName) return t.leadWithConsole;
  if (view.goal === undefined) return t.leadAlone;
  if (view.goal === 'anew') return t.leadAnew;
  if (view.interrupted) return t.leadInterrupted;
  return view.goal === 'account' ? t.leadAccount : t.leadOperator;
}

function refusalText(shell: Shell, refusal: SignInRefusal, now: Date): string {
  const t = texts[shell.locale];
  switch (refusal.reason) {
    case 'wait':
      return t.wait(Math.max(1, Math.ceil((refusal.until.getTime() - now.getTime()) / SECOND)));
    case 'network-wait':
      return t.networkWait(Math.max(1, Math.ceil((refusal.until.getTime() - now.getTime()) / MINUTE)));
    case 'address-missing':
    case 'address-malformed':
    case 'password-missing':
    case 'wrong-credentials':
    case 'only-reset':
      return t.errors[refusal.reason];
  }
}

function fieldOf(refusal: SignInRefusal): 'login-id' | 'password' {
  return refusal.reason === 'address-missing' || refusal.reason === 'address-malformed'
    ? 'login-id'
    : 'password';
}
