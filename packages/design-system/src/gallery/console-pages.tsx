import {
  BigNumber,
  Button,
  Checkbox,
  Chip,
  Columns,
  ConsolePage,
  DefinitionList,
  FileField,
  Form,
  FormActions,
  LinkButton,
  Notice,
  PageHead,
  Panel,
  RadioGroup,
  SelectField,
  Table,
  Text,
  TextArea,
  TextField,
} from '../index.ts';
import { frame, speaker, type Lang } from './frame.tsx';

function consoleFrame(lang: Lang, title: string, current: string) {
  const say = speaker(lang);
  const links = [
    { href: '/', label: say('ホーム', 'Home') },
    { href: '/send', label: say('配信する', 'Send') },
    {
      href: '/deliveries',
      label: say('配信履歴', 'Deliveries'),
      count: { value: '3', label: say('件が予約中', 'scheduled') },
    },
    { href: '/templates', label: say('テンプレート', 'Templates') },
    { href: '/settings', label: say('設定', 'Settings') },
  ];
  return {
    ...frame('sms', lang, title),
    nav: {
      label: say('メニュー', 'Menu'),
      links: links.map((link) => ({ ...link, current: link.href === current })),
    },
    account: {
      name: say('見本 太郎', 'Taro Mihon'),
      label: say('アカウントのメニュー', 'Account menu'),
      detail: 'mihon.taro@example.co.jp',
      links: [
        { href: '/settings', label: say('設定', 'Settings') },
        { href: '/settings/password', label: say('パスワードの変更', 'Change the password') },
      ],
      signOut: {
        action: '/logout',
        label: say('ログアウト', 'Sign out'),
        hidden: [{ name: '_csrf', value: 'sample' }],
      },
    },
  };
}

export function dashboardPage(lang: Lang) {
  const say = speaker(lang);
  const rows: [string, string, string, string, 'done' | 'sending' | 'planned' | 'failed'][] = [
    [
      say('11/21 (土) 10:00', '21 Nov (Sat) 10:00'),
      say('年末セールのご案内', 'Year-end sale'),
      '12,480',
      '12,391',
      'done',
    ],
    [
      say('11/21 (土) 13:30', '21 Nov (Sat) 13:30'),
      say('ご予約の前日確認', 'Reminder for tomorrow'),
      '864',
      '512',
      'sending',
    ],
    [
      say('11/22 (日) 09:00', '22 Nov (Sun) 09:00'),
      say('会員限定クーポン', 'Members’ coupon'),
      '3,200',
      '–',
      'planned',
    ],
    [
      say('11/20 (金) 18:00', '20 Nov (Fri) 18:00'),
      say('お支払い期限のお知らせ', 'Payment due'),
      '41',
      '0',
      'failed',
    ],
  ];
  const states = {
    done: (
      <Chip tone="success" shape="check">
        {say('完了', 'Done')}
      </Chip>
    ),
    sending: (
      <Chip tone="info" shape="half">
        {say('配信中', 'Sending')}
      </Chip>
    ),
    planned: (
      <Chip tone="neutral" shape="clock">
        {say('予約', 'Scheduled')}
      </Chip>
    ),
    failed: (
      <Chip tone="danger" shape="cross">
        {say('失敗', 'Failed')}
      </Chip>
    ),
  };
  return (
    <ConsolePage {...consoleFrame(lang, say('ホーム', 'Home'), '/')}>
      <PageHead
        title={say('ホーム', 'Home')}
        actions={<LinkButton href="/send">{say('新しく配信する', 'New delivery')}</LinkButton>}
      />
      <Notice
        tone="warning"
        toneLabel={say('ご案内', 'Please note')}
        title={say('ログイン画面が変わります', 'The sign-in page is changing')}
      >
        <Text>
          {say(
            '2027年1月31日(日) 22:00 から、統合認証でのログインだけになります。お早めにパスワードの設定をお願いします。',
            'From 31 January 2027 (Sun) 22:00 only the unified login works. Please set your password in good time.',
          )}
        </Text>
      </Notice>
      <Columns count={3}>
        <BigNumber
          label={say('今月の配信数', 'Messages this month')}
          value="48,216"
          unit={say('通', '')}
          comparison={say('先月の同じ日まで +6.2%', '+6.2 % on last month to date')}
          href="/deliveries"
          linkLabel={say('配信履歴を見る', 'See deliveries')}
        />
        <BigNumber
          label={say('到達率', 'Delivered')}
          value="98.7"
          unit="%"
          comparison={say('先月 98.5%', '98.5 % last month')}
          href="/deliveries?state=failed"
          linkLabel={say('届かなかった宛先を見る', 'See what did not arrive')}
        />
        <BigNumber
          label={say('予約中の配信', 'Scheduled')}
          value="3"
          unit={say('件', '')}
          comparison={say('次は11月22日(日) 09:00', 'Next: 22 Nov (Sun) 09:00')}
          href="/deliveries?state=planned"
          linkLabel={say('予約を見る', 'See scheduled')}
        />
      </Columns>
      <Panel
        title={say('最近の配信', 'Recent deliveries')}
        action={
          <LinkButton kind="text" href="/deliveries">
            {say('すべて見る', 'See all')}
          </LinkButton>
        }
      >
        <Table
          caption={say('最近の配信', 'Recent deliveries')}
          captionHidden
          columns={[
            { label: say('日時', 'Time') },
            { label: say('件名', 'Title'), rowHeader: true },
            { label: say('宛先', 'Recipients'), align: 'end' },
            { label: say('到達', 'Arrived'), align: 'end' },
            { label: say('状態', 'State') },
          ]}
          rows={rows.map(([time, title, total, arrived, state]) => ({
            key: title,
            cells: [time, <a href="/deliveries/1">{title}</a>, total, arrived, states[state]],
          }))}
        />
      </Panel>
    </ConsolePage>
  );
}

export function settingsPage(lang: Lang) {
  const say = speaker(lang);
  return (
    <ConsolePage
      {...consoleFrame(lang, say('設定', 'Settings'), '/settings')}
      banner={
        <Notice tone="success" toneLabel={say('完了', 'Done')} live>
          <Text>{say('表示名を変更しました。', 'The display name has been changed.')}</Text>
        </Notice>
      }
    >
      <PageHead title={say('設定', 'Settings')} trail={[{ href: '/', label: say('ホーム', 'Home') }]} />
      <Panel title={say('ログインの設定', 'Signing in')}>
        <DefinitionList
          items={[
            {
              term: say('メールアドレス', 'E-mail address'),
              description: 'mihon.taro@example.co.jp',
              action: <a href="/settings/email">{say('変更する', 'Change')}</a>,
            },
            {
              term: say('パスワード', 'Password'),
              description: say('統合認証で管理しています', 'Kept at the unified login'),
              action: <a href="/settings/password">{say('変更する', 'Change')}</a>,
            },
            {
              term: say('自動ログアウト', 'Automatic sign-out'),
              description: say(
                '操作がない状態が30分続いたとき、またはログインから12時間後',
                'After 30 minutes without use, or 12 hours after signing in',
              ),
            },
          ]}
        />
      </Panel>
      <Panel title={say('配信の設定', 'Sending')} width="reading">
        <Form action="/settings/sending">
          <TextField
            id="sender"
            name="sender"
            label={say('送信元の表示', 'Sender')}
            help={say('半角英数字11文字まで', 'Up to 11 letters or digits')}
            value="MIHON"
            width="medium"
          />
          <SelectField
            id="zone"
            name="zone"
            label={say('既定の配信時間帯', 'Usual hours')}
            choices={[
              { value: 'day', label: say('9時から20時', '9:00 to 20:00') },
              { value: 'any', label: say('制限しない', 'Any time') },
            ]}
            value="day"
            width="medium"
          />
          <RadioGroup
            id="receipt"
            name="receipt"
            label={say('配信結果のお知らせ', 'Delivery report')}
            value="mail"
            choices={[
              {
                value: 'mail',
                label: say('メールで受け取る', 'By e-mail'),
                help: say('配信が終わるたびに1通お送りします。', 'One mail after each delivery.'),
              },
              { value: 'none', label: say('受け取らない', 'None') },
            ]}
          />
          <TextArea
            id="footer"
            name="footer"
            label={say('本文の末尾', 'End of each message')}
            mark={say('任意', 'optional')}
            rows={3}
            value={say('配信停止: 見本株式会社 0120-000-000', 'To stop: Sample Co. 0120-000-000')}
          />
          <FileField
            id="list"
            name="list"
            label={say('配信しない番号の一覧', 'Numbers never to be sent to')}
            mark={say('任意', 'optional')}
            help="CSV (UTF-8, Shift_JIS)"
            accept=".csv"
          />
          <Checkbox
            id="confirm"
            name="confirm"
            label={say(
              '1,000件を超える配信は、送る前に確認する',
              'Ask before sending to more than 1,000 numbers',
            )}
            checked
          />
          <FormActions beside>
            <Button>{say('保存する', 'Save')}</Button>
            <LinkButton kind="secondary" href="/settings">
              {say('変更をやめる', 'Cancel')}
            </LinkButton>
          </FormActions>
        </Form>
      </Panel>
    </ConsolePage>
  );
}
