import {
  BigNumber,
  Chip,
  Columns,
  Filters,
  LinkButton,
  OperatorPage,
  PageHead,
  Pager,
  Panel,
  Progress,
  Table,
  Text,
  Timeline,
} from '../index.ts';
import { brandName, frame, speaker, type Lang } from './frame.tsx';

export function operatorPage(lang: Lang) {
  const say = speaker(lang);
  const jobs = say(
    '概況,移行,お知らせ,アカウント,管理画面,取込,配信状況,監査,設定',
    'Overview,Migration,Notices,Accounts,Consoles,Imports,Deliveries,Audit,Settings',
  ).split(',');
  return (
    <OperatorPage
      {...frame('unified', lang, say('概況', 'Overview'))}
      nav={{
        label: say('仕事', 'Jobs'),
        menuLabel: say('メニュー', 'Menu'),
        links: jobs.map((label, index) => ({
          href: `/operator/${index}`,
          label,
          current: index === 0,
          count: index === 6 ? { value: '2', label: say('件が止まっています', 'stuck') } : undefined,
        })),
      }}
      chooser={{
        label: say('管理画面', 'Console'),
        current: brandName('sms', lang),
        choices: [
          { href: '/operator?console=sms', label: brandName('sms', lang), current: true },
          { href: '/operator?console=mail', label: brandName('mail', lang) },
        ],
      }}
      environment={{ name: say('本番', 'Production'), production: true }}
      role={{ label: say('権限', 'Role'), name: say('管理者', 'Administrator') }}
      search={{
        action: '/operator/search',
        label: say('アカウント、管理画面を探す', 'Search accounts and consoles'),
        buttonLabel: say('検索', 'Search'),
      }}
      account={{
        name: say('運用 花子', 'Hanako Unyo'),
        label: say('アカウントのメニュー', 'Account menu'),
        signOut: { action: '/logout', label: say('ログアウト', 'Sign out') },
      }}
    >
      <PageHead
        title={say('概況', 'Overview')}
        lead={say(
          '切替の予告はまだ出せません。メールが届かない方が12人います。',
          'The cut-over cannot be announced yet: mail to 12 people bounces.',
        )}
        actions={
          <LinkButton href="/operator/1">{say('移行の計画を見る', 'See the migration plan')}</LinkButton>
        }
      />
      <Columns count={4}>
        <BigNumber
          label={say('パスワード設定済み', 'Password set')}
          value="1,842"
          unit={say('人', 'people')}
          comparison={say('2,310人のうち79.7% 昨日から+64', '79.7 % of 2,310, +64 since yesterday')}
          href="/operator/accounts"
          linkLabel={say('一覧', 'List')}
        />
        <BigNumber
          label={say('統合認証でログイン', 'Signed in here')}
          value="1,705"
          unit={say('人', 'people')}
          comparison={say('昨日から+71', '+71 since yesterday')}
          href="/operator/accounts"
          linkLabel={say('一覧', 'List')}
        />
        <BigNumber
          label={say('まだ既存ログイン', 'Still on the old login')}
          value="402"
          unit={say('人', 'people')}
          comparison={say('最後の利用は今日 21:14', 'last used today at 21:14')}
          href="/operator/accounts"
          linkLabel={say('一覧', 'List')}
        />
        <BigNumber
          label={say('メールが届かない', 'Mail bounces')}
          value="12"
          unit={say('人', 'people')}
          comparison={say('昨日から+1', '+1 since yesterday')}
          href="/operator/accounts"
          linkLabel={say('一覧', 'List')}
        />
      </Columns>
      <Columns>
        <Panel title={say('移行の予定', 'Migration plan')}>
          <Timeline
            items={[
              {
                time: say('2026年11月21日(土) 22:00', '21 November 2026 (Sat) 22:00'),
                dateTime: '2026-11-21T22:00:00+09:00',
                title: say('リンクの表示を開始', 'The link appears'),
                tone: 'success',
                shape: 'check',
              },
              {
                time: say('未定', 'Undetermined'),
                title: say('切替の予告', 'Announcement'),
                tone: 'warning',
                shape: 'clock',
                children: (
                  <Text quiet>
                    {say(
                      '予告メールが届いてから1か月後以降に切替できます。',
                      'Cut-over can follow one calendar month after it.',
                    )}
                  </Text>
                ),
              },
              { time: say('未定', 'Undetermined'), title: say('切替', 'Cut-over') },
            ]}
          />
        </Panel>
        <Panel title={say('お知らせメール', 'Notice mails')}>
          <Progress
            label={say('ご利用開始のご案内', 'Welcome')}
            value={1204}
            max={2310}
            valueText={say(
              '1,204 / 2,310通 毎分180通 14:36ごろ完了',
              '1,204 of 2,310, 180 a minute, done at about 14:36',
            )}
          />
        </Panel>
      </Columns>
      <Panel title={say('ログアウトの連絡', 'Logout deliveries')}>
        <Filters
          label={say('絞り込み', 'Filters')}
          filters={[
            {
              label: say('状態: 再送待ち', 'State: waiting'),
              removeHref: '/operator/6',
              removeLabel: say('「状態: 再送待ち」を外す', 'Remove “State: waiting”'),
            },
          ]}
        />
        <Table
          caption={say('ログアウトの連絡', 'Logout deliveries')}
          captionHidden
          narrow="scroll"
          columns={[
            { label: say('管理画面', 'Console'), rowHeader: true },
            { label: say('対象', 'Account') },
            { label: say('回数', 'Tries'), align: 'end', sorted: 'descending', sortHref: '?sort=tries' },
            { label: say('次の連絡', 'Next try') },
            { label: say('状態', 'State') },
          ]}
          rows={[
            {
              key: '1',
              cells: [
                brandName('mail', lang),
                'mihon.taro@example.co.jp',
                '5',
                '22:41',
                <Chip tone="warning" shape="clock">
                  {say('再送待ち', 'Waiting')}
                </Chip>,
              ],
            },
            {
              key: '2',
              cells: [
                brandName('mail', lang),
                'mihon.hanako@example.co.jp',
                '4',
                '22:38',
                <Chip tone="warning" shape="clock">
                  {say('再送待ち', 'Waiting')}
                </Chip>,
              ],
            },
          ]}
        />
        <Pager
          label={say('ページ', 'Pages')}
          position={say('1–2 / 2件', '1–2 of 2')}
          next={{ href: '?page=2', label: say('次へ', 'Next') }}
        />
      </Panel>
    </OperatorPage>
  );
}
