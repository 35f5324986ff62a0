import {
  Button,
  ErrorSummary,
  Form,
  FormActions,
  Heading,
  Lead,
  LinkButton,
  PasswordField,
  Text,
} from '@hitokagi/design-system';
import { loginUrl, routes, unifiedStartUrl } from '#app/routes.ts';
import { LEGACY_PASSWORD_LENGTH } from '#domain/legacy-login/password-rule.ts';
import { Kept } from '#web/http/kept.tsx';
import { csrfField, PersonLayout, type View } from '#web/http/layout.tsx';
import { resetTexts } from './text.ts';

export type ResetErrors = { password?: string | undefined; confirmation?: string | undefined };

/** The page behind the link of the legacy reset's mail. Opening it changes nothing. */
export function ResetPage({ view, token, errors = {} }: { view: View; token: string; errors?: ResetErrors }) {
  const text = resetTexts[view.locale];
  const summary = [
    ...(errors.password ? [{ fieldId: 'new-password', message: errors.password }] : []),
    ...(errors.confirmation ? [{ fieldId: 'confirmation', message: errors.confirmation }] : []),
  ];
  const shown = {
    showLabel: text.show,
    hideLabel: text.hide,
    autocomplete: 'new-password',
    required: true,
  } as const;
  return (
    <PersonLayout
      view={view}
      title={text.title}
      heading={
        <>
          <Heading>{text.heading}</Heading>
          <Lead>
            <Kept
              text={text.lead(view.brand.texts[view.locale].name)}
              names={[view.brand.texts[view.locale].name]}
            />
          </Lead>
        </>
      }
    >
      <ErrorSummary title={text.errors.title} errors={summary} />
      <Form action={routes.reset} hidden={[csrfField(view), { name: 'token', value: token }]}>
        <PasswordField
          {...shown}
          id="new-password"
          name="new_password"
          label={text.password}
          help={text.rule(LEGACY_PASSWORD_LENGTH.min)}
          error={errors.password}
        />
        <PasswordField
          {...shown}
          id="confirmation"
          name="confirmation"
          label={text.confirmation}
          error={errors.confirmation}
        />
        <FormActions>
          <Button>{text.button}</Button>
        </FormActions>
      </Form>
    </PersonLayout>
  );
}

/** For a link that is too old, used, or never was one. */
export function ResetEndedPage({ view }: { view: View }) {
  const text = resetTexts[view.locale];
  return (
    <PersonLayout
      view={view}
      title={text.ended.title}
      heading={
        <>
          <Heading>{text.ended.heading}</Heading>
          <Lead>{text.ended.lead}</Lead>
        </>
      }
    >
      <FormActions>
        <LinkButton wide href={routes.forgot}>
          {text.ended.again}
        </LinkButton>
        <LinkButton kind="text" href={loginUrl({ returnPath: routes.home })}>
          {text.back}
        </LinkButton>
      </FormActions>
    </PersonLayout>
  );
}

/** For every link after cut-over: the legacy password is worth nothing then (R12). */
export function ResetClosedPage({ view, resetUrl }: { view: View; resetUrl: string }) {
  const text = resetTexts[view.locale].closed;
  return (
    <PersonLayout
      view={view}
      title={text.title}
      heading={
        <>
          <Heading>{text.heading}</Heading>
          <Lead>
            <Kept
              text={text.lead(view.brand.texts[view.locale].name)}
              names={[view.brand.texts[view.locale].name]}
            />
          </Lead>
        </>
      }
    >
      <Text>{text.next}</Text>
      <FormActions>
        <LinkButton wide href={resetUrl}>
          {text.reset}
        </LinkButton>
        <LinkButton kind="text" href={unifiedStartUrl({ returnPath: routes.home })}>
          {text.signIn}
        </LinkButton>
      </FormActions>
    </PersonLayout>
  );
}
