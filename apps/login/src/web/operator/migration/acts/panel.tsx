import { DefinitionList, LinkButton, Notice, Panel, Text } from '@hitokagi/design-system';
import { ACTS, type ActName } from '#domain/migration/acts.ts';
import type { PlanChange } from '#domain/migration/history.ts';
import type { PlanStanding } from '#domain/migration/plan-standing.ts';
import { includesRole } from '#domain/operators/rights.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import type { Visit } from '../../visit.ts';
import { WORDS } from '../../words.ts';
import { actTitle } from './form-page.tsx';

/** What an administrator can do to a plan, each with what it is for; the pages themselves say what stands against it. */
export function Acts({ standing, path, visit }: { standing: PlanStanding; path: string; visit: Visit }) {
  const { locale } = visit.shell;
  const t = texts[locale];
  if (standing.closedAt) return null;
  if (!includesRole(visit.operator.role, 'administrator'))
    return (
      <Panel title={t.title}>
        <Text>{t.onlyAdministrators}</Text>
      </Panel>
    );
  const open = ACTS.filter((act) => isOpen(act, standing));
  return (
    <Panel title={t.title}>
      <DefinitionList
        items={open.map((act) => ({
          term: actTitle(act, standing, locale),
          description: t.purposes[act],
          action: (
            <LinkButton href={`${path}/${act}`} kind="secondary" small>
              {t.open[act]}
            </LinkButton>
          ),
        }))}
      />
    </Panel>
  );
}

/** What the change that has just been made was, in its own words; read from the history, not from the address. */
export function Done({ change, locale }: { change: PlanChange; locale: Locale }) {
  const t = texts[locale];
  return (
    <Notice tone="success" toneLabel={WORDS[locale].done} title={t.done} live>
      <Text>
        {sentence()} {change.noticeId ? t.mailed[change.action] : null}
      </Text>
    </Notice>
  );

  function sentence(): string {
    const moment = (at: Date | null): string => (at ? japanTime(at, locale) : WORDS[locale].undetermined);
    switch (change.action) {
      case 'link-time-set':
        return change.linkAt ? t.linkSet(moment(change.linkAt)) : t.linkTaken;
      case 'announced':
        return t.announced(moment(change.announceAt));
      case 'cut-over-set':
        return t.cutOverSet(moment(change.cutOverAt));
      case 'postponed':
        return t.postponed(moment(change.cutOverAt));
      case 'rolled-back':
        return t.rolledBack;
      case 'closed':
        return t.closed;
    }
  }
}

/** Acts that can make sense now; the others would only be refused. */
function isOpen(act: ActName, standing: PlanStanding): boolean {
  const isUnified = standing.phase === 'unified';
  switch (act) {
    case 'link-time':
    case 'announce':
      return !isUnified;
    case 'cut-over':
      return true;
    case 'roll-back':
      return standing.cutOverAt !== null || standing.announceAt !== null;
    case 'close':
      return isUnified;
  }
}

const texts = defineTexts({
  ja: {
    title: '操作',
    onlyAdministrators: '日時の設定、告知、延期、切り戻し、完了は、管理者が行います。',
    purposes: {
      'link-time': '既存のログイン画面に統合認証のリンクを出す日時を決めます。',
      announce: '切替の予定日を全員にメールで知らせます。',
      'cut-over': '既存ログインを使えなくする日時を決めます。決めたあとの延期もここで行います。',
      'roll-back': '切替または告知を取り消します。切替後なら、既存ログインが再び使えるようになります。',
      close: '移行を終わりにします。以後は切り戻せません。',
    },
    open: {
      'link-time': '設定へ',
      announce: '告知へ',
      'cut-over': '設定へ',
      'roll-back': '切り戻しへ',
      close: '完了へ',
    },
    done: '変更しました',
    linkSet: (at: string) => `リンクを表示する日時を ${at} に設定しました。`,
    linkTaken: 'リンクを表示する日時を未定に戻しました。',
    announced: (at: string) => `切替日の告知を受け付けました。メールは ${at} から送ります。`,
    cutOverSet: (at: string) => `切替を ${at} に設定しました。`,
    postponed: (at: string) => `切替を ${at} に延期しました。`,
    rolledBack:
      '切替の予定を取り消しました。切替のあとだった場合も、既存ログインは10秒以内に使えるようになります。',
    closed: '計画を完了にしました。',
    mailed: {
      'link-time-set': '',
      announced: '送信の状況は「お知らせの状況」で確認できます。',
      'cut-over-set': '知らせていた日時と違うため、全員に日程変更のメールを送ります。',
      postponed: '全員に日程変更のメールを送ります。',
      'rolled-back': '全員に、取りやめたことを知らせるメールを送ります。',
      closed: '全員に完了のメールを送ります。',
    },
  },
  en: {
    title: 'Acts',
    onlyAdministrators: 'Link time, announcement, postponing, rollback and closing are for administrators.',
    purposes: {
      'link-time': 'When the link to the unified login appears on the legacy login page.',
      announce: 'Tells everybody by mail when the cut-over is planned.',
      'cut-over': 'When the legacy login stops working. Postponing is done here too.',
      'roll-back':
        'Takes back the cut-over or its announcement. After a cut-over the legacy login works again.',
      close: 'Ends the move. It cannot be rolled back afterwards.',
    },
    open: {
      'link-time': 'Set',
      announce: 'Announce',
      'cut-over': 'Set',
      'roll-back': 'Roll back',
      close: 'Close',
    },
    done: 'Changed',
    linkSet: (at) => `The link time is set for ${at}.`,
    linkTaken: 'The link time is undetermined.',
    announced: (at) => `The announcement is on its way. Mails go out from ${at} on.`,
    cutOverSet: (at) => `The cut-over is set for ${at}.`,
    postponed: (at) => `The cut-over is postponed to ${at}.`,
    rolledBack:
      'The cut-over is taken back. If it had passed, the legacy login works again within ten seconds.',
    closed: 'The plan is closed.',
    mailed: {
      'link-time-set': '',
      announced: '“How people were told” shows how far it is.',
      'cut-over-set': 'It is not the date that people were told, so everybody gets a mail with the new one.',
      postponed: 'Everybody gets a mail with the new date.',
      'rolled-back': 'Everybody gets a mail that says so.',
      closed: 'Everybody gets a mail that says so.',
    },
  },
});
