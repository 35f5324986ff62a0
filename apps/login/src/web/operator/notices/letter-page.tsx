import {
  Button,
  Columns,
  ErrorSummary,
  Form,
  FormActions,
  Letter,
  Notice,
  Panel,
  SelectField,
  Text,
  TextField,
} from '@hitokagi/design-system';
import type { NoticeProgress } from '#domain/notices/progress.ts';
import { includesRole } from '#domain/operators/rights.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { RenderedMail } from '#support/mail/mail.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { noticePath } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { noticeName } from './marks.tsx';
import { texts as noticeTexts } from './text.ts';

type View = {
  notice: NoticeProgress;
  console: ConsoleRow;
  mail: RenderedMail;
  language: Locale;
  /** Whom it is read as, as typed; empty: a sample person. */
  reader: string;
  readerError: boolean;
  /** The address of the test, as typed. */
  address: string;
  addressError: boolean;
  tested: boolean;
};

/** A notice as one person reads it, and a test of it. */
export function letterPage(context: WebContext, visit: Visit, view: View): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { notice, console, mail, language } = view;
  const path = `${noticePath(notice.id)}/letter`;
  const mayRead = includesRole(visit.operator.role, 'support');
  const languages = [
    { value: 'ja', label: t.languages.ja },
    { value: 'en', label: t.languages.en },
  ];
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'notices',
    console,
    trail: [
      { href: '/operator/notices', label: noticeTexts[locale].title },
      { href: noticePath(notice.id), label: noticeName(notice, locale) },
    ],
    children: (
      <>
        <ErrorSummary
          title={t.problems}
          errors={[
            ...(view.readerError ? [{ fieldId: 'account', message: t.readerUnknown }] : []),
            ...(view.addressError ? [{ fieldId: 'address', message: t.addressMalformed }] : []),
          ]}
        />
        {view.tested ? (
          <Notice tone="success" toneLabel={WORDS[locale].done} title={t.tested} live>
            <Text>{t.testedWords}</Text>
          </Notice>
        ) : null}
        <Panel width="reading">
          <Form action={path} method="get" label={t.readAs}>
            <Columns>
              <SelectField
                id="locale"
                name="locale"
                label={t.language}
                value={language}
                choices={languages}
              />
              {mayRead ? (
                <TextField
                  id="account"
                  name="account"
                  label={t.reader}
                  help={t.readerHelp}
                  value={view.reader}
                  error={view.readerError ? t.readerUnknown : undefined}
                  autocomplete="off"
                />
              ) : null}
            </Columns>
            <FormActions beside>
              <Button kind="secondary">{t.show}</Button>
            </FormActions>
          </Form>
          <Letter
            label={view.reader === '' || view.readerError ? t.ofSample : t.ofPerson}
            lang={language}
            subject={mail.subject}
            text={mail.text}
          />
        </Panel>
        {mayRead ? (
          <Panel title={t.test} width="reading">
            <Form action={path} hidden={[{ name: 'locale', value: language }]}>
              <TextField
                id="address"
                name="address"
                inputMode="email"
                label={t.address}
                help={t.testHelp}
                value={view.address}
                error={view.addressError ? t.addressMalformed : undefined}
                autocomplete="off"
              />
              <FormActions beside>
                <Button kind="secondary">{t.send}</Button>
              </FormActions>
            </Form>
          </Panel>
        ) : null}
      </>
    ),
  });
}

const texts = defineTexts({
  ja: {
    title: 'お客様に届くメール',
    problems: '次の点をご確認ください',
    readAs: '読む人と言語',
    language: '言語',
    languages: { ja: '日本語', en: '英語' },
    reader: 'だれに届くメールか',
    readerHelp: 'ログインIDを入力すると、その人に届く内容を表示します。空のときは見本です。',
    readerUnknown: 'この管理画面を使っている人に、このログインIDの人はいません。入力をご確認ください。',
    show: '表示する',
    ofSample: '見本の宛先に届くメール',
    ofPerson: 'この人に届くメール',
    test: 'テスト送信',
    address: '送り先のメールアドレス',
    testHelp: '【テスト送信】と書いた1通を、表示中の言語で送ります。お客様には届かず、結果にも数えません。',
    send: 'テストメールを送る',
    addressMalformed: 'メールアドレスの形になっていません。入力をご確認ください。',
    tested: 'テストメールを送りました',
    testedWords: '数分たっても届かないときは、迷惑メールフォルダをご確認ください。',
  },
  en: {
    title: 'The mail that customers get',
    problems: 'Please check the following',
    readAs: 'Reader and language',
    language: 'Language',
    languages: { ja: 'Japanese', en: 'English' },
    reader: 'Whose mail',
    readerHelp: 'Type a login ID to see what that person gets. Empty: a sample person.',
    readerUnknown: 'Nobody who uses this console has this login ID. Check what you typed.',
    show: 'Show',
    ofSample: 'The mail of a sample person',
    ofPerson: 'The mail of this person',
    test: 'Send a test',
    address: 'To this address',
    testHelp:
      'One mail, marked as a test, in the language shown. No customer gets it and it counts in nothing.',
    send: 'Send the test',
    addressMalformed: 'This is not an e-mail address. Check what you typed.',
    tested: 'The test was sent',
    testedWords: 'If it does not arrive within some minutes, look into the spam folder.',
  },
});
