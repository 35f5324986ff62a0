import {
  FormActions,
  Heading,
  Lead,
  LinkButton,
  List,
  Literal,
  Notice,
  PersonPage,
  Progress,
  RefreshRegion,
  StatusList,
  Text,
  TextLink,
} from '../index.ts';
import { brandName, frame, speaker, type Lang } from './frame.tsx';

export function signedOutPage(lang: Lang) {
  const say = speaker(lang);
  return (
    <PersonPage
      {...frame('unified', lang, say('ログアウトしました', 'You are signed out'))}
      heading={
        <>
          <Heading>{say('ログアウトしました', 'You are signed out')}</Heading>
          <Lead>
            {say('次の管理画面からもログアウトします。', 'You are signed out of these consoles as well.')}
          </Lead>
        </>
      }
    >
      <RefreshRegion id="consoles" url="/signed-out" seconds={5}>
        <StatusList
          label={say('管理画面の状態', 'The consoles')}
          items={[
            {
              name: brandName('sms', lang),
              state: { tone: 'success', shape: 'check', label: say('ログアウト済み', 'Signed out') },
            },
            {
              name: brandName('mail', lang),
              state: { tone: 'warning', shape: 'clock', label: say('連絡しています', 'Still being told') },
              detail: say(
                '応答を待っています。この画面を閉じても、ログアウトは続きます。',
                'It has not answered yet. You can close this page; we keep trying.',
              ),
            },
          ]}
        />
      </RefreshRegion>
      <FormActions>
        <LinkButton kind="secondary" href="/auth/start">
          {say('もう一度ログインする', 'Sign in again')}
        </LinkButton>
      </FormActions>
      <Text quiet>
        {say(
          '共用のパソコンでは、ブラウザーも閉じてください。',
          'On a shared computer, please close the browser too.',
        )}
      </Text>
    </PersonPage>
  );
}

export function waitingPage(lang: Lang) {
  const say = speaker(lang);
  return (
    <PersonPage
      {...frame('unified', lang, say('ログアウトしています', 'Signing you out'))}
      reloadSeconds={3}
      heading={<Heading>{say('ログアウトしています', 'Signing you out')}</Heading>}
    >
      <Progress
        label={say('管理画面に連絡しています', 'Telling the consoles')}
        valueText={say('1/2 完了', '1 of 2 done')}
      />
    </PersonPage>
  );
}

export function errorPage(lang: Lang) {
  const say = speaker(lang);
  return (
    <PersonPage
      {...frame('unified', lang, say('ページを表示できません', 'This page cannot be shown'))}
      heading={<Heading>{say('ページを表示できません', 'This page cannot be shown')}</Heading>}
      below={
        <Text quiet>
          {say('お問い合わせ番号: ', 'Number to quote: ')}
          <Literal>req_01jd8k2m4x</Literal>
        </Text>
      }
    >
      <Notice
        tone="warning"
        toneLabel={say('ご確認ください', 'Please note')}
        title={say('ログインの受付時間が過ぎました', 'This sign-in has taken too long')}
      >
        <Text>
          {say(
            'お手数ですが、開きたい管理画面からもう一度お進みください。入力された内容は保存されていません。',
            'Please start again from the console that you want to open. Nothing has been saved.',
          )}
        </Text>
      </Notice>
      <List
        items={[
          <TextLink href="/sms">{brandName('sms', lang)}</TextLink>,
          <TextLink href="/mail">{brandName('mail', lang)}</TextLink>,
        ]}
      />
    </PersonPage>
  );
}
