import {
  Button,
  CodeField,
  Countdown,
  ErrorSummary,
  Form,
  FormActions,
  Heading,
  Lead,
  LinkButton,
  Literal,
  Name,
  Notice,
  PasswordField,
  PasswordRules,
  PersonPage,
  Steps,
  Text,
  TextField,
} from '../index.ts';
import { brandName, frame, speaker, type Lang } from './frame.tsx';

export function resetPage(lang: Lang) {
  const say = speaker(lang);
  return (
    <PersonPage
      {...frame('unified', lang, say('パスワードを忘れた方', 'Forgot your password'))}
      heading={
        <>
          <Steps
            current={1}
            total={3}
            label={say(
              'パスワードの設定 1/3 メールアドレスの入力',
              'Set a password 1/3: your e-mail address',
            )}
          />
          <Heading>{say('パスワードを忘れた方', 'Forgot your password')}</Heading>
          <Lead>
            {say(
              'ご登録のメールアドレスに、検証コードをお送りします。はじめての方も、ここからパスワードを設定できます。',
              'We will send a code to your e-mail address. If this is your first time, set your password here too.',
            )}
          </Lead>
        </>
      }
      below={
        <>
          <Text quiet>
            {say(
              'メールは次のアドレスからお送りします。届かないときは迷惑メールのフォルダーもご確認ください。',
              'The mail comes from the address below. If it does not arrive, please look in your spam folder.',
            )}
          </Text>
          <Text quiet>
            <Literal>no-reply@auth.example.co.jp</Literal>
          </Text>
          <Text quiet>
            {say(
              '受信を制限している場合は、example.co.jp からのメールを受け取れるように設定してください。',
              'If your mail is filtered, please allow mail from example.co.jp.',
            )}
          </Text>
        </>
      }
    >
      <Form action="/reset">
        <TextField
          id="email"
          name="email"
          label={say('メールアドレス', 'E-mail address')}
          inputMode="email"
          autocomplete="username"
          enterKeyHint="send"
          required
        />
        <FormActions>
          <Button>{say('送信する', 'Send')}</Button>
          <LinkButton kind="text" href="/sign-in">
            {say('ログイン画面に戻る', 'Back to sign-in')}
          </LinkButton>
        </FormActions>
      </Form>
    </PersonPage>
  );
}

export function codePage(lang: Lang, failed = false) {
  const say = speaker(lang);
  const wrong = say(
    '検証コードが違います。メールの8桁の数字を入力してください。あと4回入力できます。',
    'This code is not right. Please type the 8 digits from the mail. You have 4 more tries.',
  );
  const differ = say(
    '2つのパスワードが違います。同じものを入力してください。',
    'The two passwords differ. Please type the same one twice.',
  );
  const show = { showLabel: say('表示', 'Show'), hideLabel: say('隠す', 'Hide') };
  return (
    <PersonPage
      {...frame('unified', lang, say('検証コードの入力', 'Enter the code'))}
      heading={
        <>
          <Steps
            current={2}
            total={3}
            label={say('パスワードの設定 2/3 検証コードの入力', 'Set a password 2/3: enter the code')}
          />
          <Heading>{say('検証コードと新しいパスワード', 'The code and a new password')}</Heading>
          <ErrorSummary
            title={say('入力内容をご確認ください', 'Please check what you typed')}
            errors={
              failed
                ? [
                    { fieldId: 'code', message: wrong },
                    { fieldId: 'password-again', message: differ },
                  ]
                : []
            }
          />
        </>
      }
    >
      <Notice tone="info" toneLabel={say('お知らせ', 'Information')}>
        <Text>
          <Literal>mihon.taro@example.co.jp</Literal>{' '}
          {say('にメールをお送りしました。', 'is where we sent a mail.')}
          {say('検証コードは22時10分まで使えます。', ' The code works until 22:10.')}
        </Text>
      </Notice>
      <Form action="/reset/code">
        <CodeField
          id="code"
          name="code"
          label={say('検証コード', 'Code')}
          help={say('メールに書かれた8桁の数字', 'The 8 digits in the mail')}
          value={failed ? '1234 5678' : undefined}
          error={failed ? wrong : undefined}
          required
        />
        <PasswordField
          id="password"
          name="password"
          label={say('新しいパスワード', 'New password')}
          autocomplete="new-password"
          describedBy="rules"
          {...show}
          required
        />
        <PasswordRules
          id="rules"
          fieldId="password"
          title={say('パスワードの決まり', 'Your password needs')}
          items={[
            { id: 'length', min: 8, label: say('8文字以上', 'at least 8 characters') },
            { id: 'lower', label: say('英小文字 (a–z) を含む', 'a lower-case letter') },
            { id: 'upper', label: say('英大文字 (A–Z) を含む', 'an upper-case letter') },
            { id: 'digit', label: say('数字を含む', 'a digit') },
            { id: 'symbol', label: say('記号 (! や - など) を含む', 'a symbol, such as ! or -') },
          ]}
          metLabel={say('満たしています', 'met')}
          unmetLabel={say('まだです', 'not yet')}
          progress={say('{total}個のうち{met}個を満たしています', '{met} of {total} are met')}
        />
        <PasswordField
          id="password-again"
          name="passwordAgain"
          label={say('新しいパスワード (確認用)', 'New password (again)')}
          autocomplete="new-password"
          error={failed ? differ : undefined}
          {...show}
          required
        />
        <FormActions>
          <Button>{say('パスワードを設定する', 'Set the password')}</Button>
        </FormActions>
      </Form>
      <Form action="/reset/resend">
        <FormActions>
          <Button kind="secondary" id="resend">
            {say('検証コードをもう一度送る', 'Send the code again')}
          </Button>
          <Countdown
            secondsLeft={42}
            buttonId="resend"
            waiting={say(
              'あと{seconds}秒で、もう一度送れるようになります。',
              'You can send it again in {seconds} seconds.',
            )}
            ready={say('もう一度送れます。', 'You can send it again now.')}
            withoutScript={say('22時01分から、もう一度送れます。', 'You can send it again from 22:01.')}
          />
          <LinkButton kind="text" href="/sign-in">
            {say('ログイン画面に戻る', 'Back to sign-in')}
          </LinkButton>
        </FormActions>
      </Form>
    </PersonPage>
  );
}

export function donePage(lang: Lang) {
  const say = speaker(lang);
  return (
    <PersonPage
      {...frame('unified', lang, say('パスワードを設定しました', 'Your password is set'))}
      heading={
        <>
          <Steps current={3} total={3} label={say('パスワードの設定 3/3 完了', 'Set a password 3/3: done')} />
          <Heading>{say('パスワードを設定しました', 'Your password is set')}</Heading>
        </>
      }
    >
      <Notice
        tone="success"
        toneLabel={say('完了', 'Done')}
        title={say('ログインしています', 'You are signed in')}
      >
        <Text>
          {say(
            '次回からは、メールアドレスと新しいパスワードでログインできます。',
            'From now on, sign in with your e-mail address and the new password.',
          )}
        </Text>
      </Notice>
      <FormActions>
        <LinkButton href="/continue">
          {lang === 'ja' ? (
            <>
              <Name>{brandName('sms', lang)}</Name> へ進む
            </>
          ) : (
            `Go on to ${brandName('sms', lang)}`
          )}
        </LinkButton>
        <LinkButton kind="text" href="/account">
          {say('ログイン中の端末を確認する', 'See where you are signed in')}
        </LinkButton>
      </FormActions>
    </PersonPage>
  );
}
