import type { CancelResult } from '#domain/notices/cancel.ts';
import type { SettleRefusal } from '#domain/notices/settle.ts';
import { defineTexts } from '#support/primitives/locale.ts';

type Refusal = SettleRefusal | Extract<CancelResult, { ok: false }>['reason'];

const REFUSALS_JA: { readonly [R in Refusal]: string } = {
  'notice-unknown': 'このお知らせはありません。',
  'notice-cancelled':
    'このお知らせは取りやめになっています。これ以上送られるメールはありません。伝え直すには、「移行」からあらためて告知してください。',
  'notice-ended':
    'このお知らせは終わっています。全員に結果が出たので、取りやめることはできません。伝え直すには、「移行」から訂正のお知らせを送ってください。',
  'recipient-unknown': 'この人は、このお知らせの相手に含まれていません。',
  'recipient-not-unreached': 'この人へのメールは送信中か、受け付けられています。対応は要りません。',
  'recipient-settled': 'この人への対応は、すでに記録されています。',
  'note-missing': 'いつ、だれが、どのように伝えたかを入力してください。',
  'address-malformed': 'メールアドレスの形になっていません。',
  'address-not-login-id':
    'ログインIDがその間に変わりました。今のログインIDを確かめて、もう一度選んでください。',
  'address-unchanged':
    'このアドレスに送って届きませんでした。先に管理画面でアドレスを直してください。ログインIDも変わり、送り直せるようになります。',
};

export const actTexts = defineTexts({
  ja: {
    problems: '次の点をご確認ください',
    notDone: '実行していません',
    whatHappens: '実行すると',
    back: '戻る',
    refusals: REFUSALS_JA,
    cancel: {
      title: 'お知らせの取りやめ',
      lead: 'まだ何も変更されていません。内容を確認し、よければ取りやめてください。',
      notice: 'お知らせ',
      notSent: 'まだ送っていない人',
      sent: 'すでに受け付けられた人',
      happens: (count: string) => [
        `まだ送っていない${count}人には、このお知らせを送りません。`,
        'すでにメールサーバーに渡したメールは取り戻せません。その結果は記録され続けます。',
        '移行の計画（切替日など）は変わりません。伝えた内容が正しくなくなった場合は、「移行」から訂正のお知らせを送ってください。',
        '取りやめたお知らせは再開できません。告知をやり直すときは、あらためて告知してください。',
      ],
      button: '取りやめる',
    },
    settle: {
      title: '届いていない人への対応',
      confirmTitle: '対応の確認',
      lead: '伝えた方法を記録します。告知では、全員への対応が済むと切替日を設定できるようになります。',
      confirmLead: 'まだ何も記録していません。内容を確認し、よければ実行してください。',
      person: '人',
      loginId: '今のログインID',
      sentTo: '送り先',
      said: 'サーバーの返答',
      cause: '理由と対応',
      how: 'どのように対応しますか',
      again: (address: string) => `今のログインID（${address}）にもう一度送る`,
      againHelp: '管理画面でアドレスを直すと、ログインIDも変わります。そのあとで選んでください。',
      otherwise: '別の方法で伝えた',
      otherwiseHelp: '電話、手紙、訪問など。下のメモに書いてください。',
      apiOnly: 'この人はAPIだけで使っている',
      apiOnlyHelp: '今後のお知らせの対象からも外れます。',
      note: 'メモ',
      noteHelp: 'いつ、だれが、どのように伝えたか。例：3月3日に見本が電話で伝えた',
      choose: '対応を選んでください。',
      toConfirmation: '確認へ進む',
      back: '入力を直す',
      happens: {
        'new-address': (address: string) => [
          `${address} に、このお知らせをもう一度送ります。`,
          'そのメールも届かなければ、この人は再び「届いていない人」の一覧に出ます。',
        ],
        'told-otherwise': () => [
          'この人を「伝えた」として記録します。メールは送りません。',
          '記録は取り消せません。メモと担当者の名前が監査の記録に残ります。',
        ],
        'api-only': () => [
          'この人を、この管理画面をAPIだけで使う人として記録します。',
          '移行する人の数にも、これからのお知らせの相手にも含まれなくなります。',
        ],
      },
      button: '記録する',
      buttonAgain: 'もう一度送る',
    },
  },
  en: {
    problems: 'Please check the following',
    notDone: 'Nothing was done',
    whatHappens: 'What will happen',
    back: 'Back',
    refusals: {
      'notice-unknown': 'There is no such notice.',
      'notice-cancelled':
        'This notice was cancelled: no more of its mails go out. To tell people again, announce anew under Migration.',
      'notice-ended':
        'This notice has ended: everybody has a verdict, so it cannot be cancelled. To tell people something else, send a correction under Migration.',
      'recipient-unknown': 'This person is not among the people of the notice.',
      'recipient-not-unreached':
        'The mail to this person is under way or was accepted. There is nothing to settle.',
      'recipient-settled': 'This person was settled before.',
      'note-missing': 'Say when, how and by whom the person was told.',
      'address-malformed': 'This is not an e-mail address.',
      'address-not-login-id': 'The login ID has changed meanwhile. Look at the one of now, and choose again.',
      'address-unchanged':
        'The mail went to this very address and did not arrive. Correct the address in the console first; the login ID follows, and the mail can be sent again.',
    },
    cancel: {
      title: 'Cancel a notice',
      lead: 'Nothing has changed yet. Read what will happen, then act.',
      notice: 'Notice',
      notSent: 'Not sent yet',
      sent: 'Accepted already',
      happens: (count) => [
        `${count} people to whom it has not been sent will not get it.`,
        'Mails that were handed to the mail server cannot be taken back; what becomes of them is still noted.',
        'The migration plan does not change. Where people were told something that is no longer true, send a correction under Migration.',
        'A cancelled notice cannot be resumed. To announce again, make a new announcement.',
      ],
      button: 'Cancel the notice',
    },
    settle: {
      title: 'Settle somebody who was not reached',
      confirmTitle: 'Settle: confirmation',
      lead: 'Records how the person was told. After an announcement the cut-over can be set when everybody is settled.',
      confirmLead: 'Nothing is recorded yet. Read what will happen, then act.',
      person: 'Person',
      loginId: 'Login ID now',
      sentTo: 'Sent to',
      said: 'What the mail server said',
      cause: 'Reason, and what to do',
      how: 'How do you settle it?',
      again: (address) => `Send it again to the login ID of now (${address})`,
      againHelp: 'When the address is corrected in the console the login ID follows. Choose this afterwards.',
      otherwise: 'Told in another way',
      otherwiseHelp: 'By telephone, letter or in person. Say so in the note below.',
      apiOnly: 'Uses the API only',
      apiOnlyHelp: 'Later notices do not go to this person either.',
      note: 'Note',
      noteHelp: 'When, how and by whom, such as: by telephone on 3 March, Mihon',
      choose: 'Choose how.',
      toConfirmation: 'Continue to the confirmation',
      back: 'Change the input',
      happens: {
        'new-address': (address) => [
          `The notice goes out once more, to ${address}.`,
          'If that mail does not arrive either, the person is listed again.',
        ],
        'told-otherwise': () => [
          'The person counts as told. No mail goes out.',
          'This cannot be taken back. The note and your name stay in the audit log.',
        ],
        'api-only': () => [
          'The person counts as one who uses this console through its API only,',
          'is not counted among those who have to move, and gets no later notices.',
        ],
      },
      button: 'Record it',
      buttonAgain: 'Send it again',
    },
  },
});
