import {
  Button,
  Callout,
  ErrorSummary,
  Form,
  FormActions,
  Heading,
  Lead,
  LinkButton,
  PasswordField,
  PersonPage,
  Text,
  TextField,
} from '../index.ts';
import { brandName, frame, speaker, type Lang } from './frame.tsx';

export function signInPage(lang: Lang, failed = false) {
  const say = speaker(lang);
  const message = say(
    'ログインIDまたはパスワードが違います。もう一度入力してください。',
    'The login ID or the password is not right. Please type them again.',
  );
  return (
    <PersonPage
      {...frame('unified', lang, say('ログイン', 'Sign in'))}
      consoleBadge={{ label: say('ログイン後に開く画面', 'You are going to'), name: brandName('sms', lang) }}
      heading={
        <>
          <Heading>{say('ログイン', 'Sign in')}</Heading>
          <Lead>
            {say('このページを見るには、ログインが必要です。', 'You need to sign in to see this page.')}
          </Lead>
          <ErrorSummary
            title={say('ログインできませんでした', 'You are not signed in')}
            errors={failed ? [{ fieldId: 'login-id', message }] : []}
          />
        </>
      }
      aside={
        <Callout
          id="first-time"
          title={say('はじめてご利用の方へ', 'First time here?')}
          action={
            <LinkButton kind="secondary" href="/reset">
              {say('パスワードを設定する', 'Set a password')}
            </LinkButton>
          }
        >
          <Text>
            {say(
              '統合認証では、最初にパスワードの設定が必要です。',
              'Before you can sign in here, please set a password once. ',
            )}
            {say(
              '管理画面でお使いのメールアドレスがログインIDになります。',
              'Your login ID is the e-mail address that you use in your console.',
            )}
          </Text>
          <Text>
            {say(
              'これまでの管理画面のパスワードは、ここでは使えません。',
              'The password of your console does not work here.',
            )}
          </Text>
        </Callout>
      }
    >
      <Form action="/sign-in" hidden={[{ name: '_csrf', value: 'sample' }]}>
        <TextField
          id="login-id"
          name="loginId"
          label={say('ログインID', 'Login ID')}
          help={say('ご登録のメールアドレス', 'Your e-mail address')}
          inputMode="email"
          autocomplete="username"
          enterKeyHint="next"
          value={failed ? 'mihon.taro@example.co.jp' : undefined}
          required
        />
        <PasswordField
          id="password"
          name="password"
          label={say('パスワード', 'Password')}
          autocomplete="current-password"
          showLabel={say('表示', 'Show')}
          hideLabel={say('隠す', 'Hide')}
          enterKeyHint="go"
          required
        />
        <FormActions>
          <Button>{say('ログイン', 'Sign in')}</Button>
          <LinkButton kind="text" href="/reset">
            {say('パスワードを忘れた方はこちら', 'Forgot your password?')}
          </LinkButton>
        </FormActions>
      </Form>
    </PersonPage>
  );
}

export function legacyLoginPage(lang: Lang, brand: 'sms' | 'mail' = 'sms') {
  const say = speaker(lang);
  return (
    <PersonPage
      {...frame(brand, lang, say('ログイン', 'Sign in'))}
      heading={
        <Heading>{say('ログイン情報を入力してください。', 'Please enter your sign-in details.')}</Heading>
      }
      aside={
        <Callout
          title={say('統合認証でのログイン', 'The unified login')}
          action={
            <LinkButton kind="secondary" href="/auth/start">
              {say('統合認証画面はこちら', 'Go to the unified login')}
            </LinkButton>
          }
        >
          <Text>
            {say(
              '1つのログインIDで、すべての管理画面をご利用いただけます。',
              'One login ID opens all your consoles.',
            )}
          </Text>
          <Text>
            {say(
              '統合認証のパスワードと、この画面のパスワードは別のものです。',
              'Its password and the password of this page are independent of each other.',
            )}
          </Text>
        </Callout>
      }
    >
      <Form action="/login">
        <TextField
          id="email"
          name="email"
          label={say('メールアドレス', 'E-mail address')}
          inputMode="email"
          autocomplete="username"
          required
        />
        <PasswordField
          id="password"
          name="password"
          label={say('パスワード', 'Password')}
          autocomplete="current-password"
          showLabel={say('表示', 'Show')}
          hideLabel={say('隠す', 'Hide')}
          required
        />
        <FormActions>
          <Button>{say('ログイン', 'Sign in')}</Button>
          <LinkButton kind="text" href="/reset">
            {say('パスワードを忘れたお客様はこちら', 'Forgot your password?')}
          </LinkButton>
        </FormActions>
      </Form>
    </PersonPage>
  );
}
