import {
  Button,
  ErrorSummary,
  Form,
  FormActions,
  Heading,
  Lead,
  Notice,
  PasswordField,
  Text,
  TextField,
  TextLink,
} from '@hitokagi/design-system';
import { routes } from '#app/routes.ts';
import { Kept } from '#web/http/kept.tsx';
import { csrfField, PersonLayout, type View } from '#web/http/layout.tsx';
import { layoutTexts } from '#web/http/layout-text.ts';
import { loginTexts } from './text.ts';
import { UnifiedLink, type UnifiedLinkProps } from './unified-link.tsx';

export type LoginPageProps = {
  view: View;
  link: UnifiedLinkProps;
  emailAddress: string;
  /** Who is signed in already, if anybody. */
  signedInAs: string | null;
  errors?: { emailAddress?: string | undefined; password?: string | undefined; form?: string | undefined };
};

/** The legacy login page (R28). */
export function LoginPage({ view, link, emailAddress, signedInAs, errors = {} }: LoginPageProps) {
  const text = loginTexts[view.locale];
  const which = link.gate.legacyLink ? text.whichOfTwo : text.which;
  return (
    <PersonLayout
      view={view}
      title={text.title}
      heading={
        <>
          <Heading>{text.heading}</Heading>
          <Lead>
            <Kept
              text={which(view.brand.texts[view.locale].name)}
              names={[view.brand.texts[view.locale].name]}
            />
          </Lead>
        </>
      }
    >
      {view.notice === null ? null : (
        <Notice
          tone="success"
          toneLabel={text.notice}
          title={layoutTexts[view.locale].notices[view.notice]}
          live
        />
      )}
      {signedInAs === null ? null : <SignedInAlready view={view} name={signedInAs} />}
      <ErrorSummary title={text.errors.title} errors={summary(errors)} />
      <Form action={routes.login} hidden={[csrfField(view), { name: 'return_path', value: link.returnPath }]}>
        <TextField
          id="email-address"
          name="email_address"
          label={text.emailAddress}
          value={emailAddress}
          inputMode="email"
          autocomplete="username"
          enterKeyHint="next"
          error={errors.emailAddress}
          required
        />
        <PasswordField
          id="password"
          name="password"
          label={text.password}
          autocomplete="current-password"
          enterKeyHint="go"
          showLabel={text.show}
          hideLabel={text.hide}
          error={errors.password}
          required
        />
        <FormActions>
          <Button>{text.button}</Button>
        </FormActions>
      </Form>
      <Text>
        <TextLink href={routes.forgot}>{text.forgot}</TextLink>
      </Text>
      <UnifiedLink {...link} />
    </PersonLayout>
  );
}

function SignedInAlready({ view, name }: { view: View; name: string }) {
  const text = loginTexts[view.locale].signedIn;
  return (
    <Notice tone="info" toneLabel={text.label} title={text.title(name)}>
      <TextLink href={routes.home}>{text.home}</TextLink>
    </Notice>
  );
}

function summary(errors: NonNullable<LoginPageProps['errors']>) {
  return [
    ...(errors.form ? [{ message: errors.form }] : []),
    ...(errors.emailAddress ? [{ fieldId: 'email-address', message: errors.emailAddress }] : []),
    ...(errors.password ? [{ fieldId: 'password', message: errors.password }] : []),
  ];
}
