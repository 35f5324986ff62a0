import { defineTexts } from '#support/primitives/locale.ts';

/** What `hitokagi import` says. */
export const IMPORT_TEXTS = defineTexts({
  ja: {
    description: '管理画面の利用者を CSV ファイルから取り込みます',
    fileArgument: 'CSV ファイル (UTF-8 または Shift_JIS、コンマ区切りまたはタブ区切り)',
    consoleOption: '管理画面の名前 (クライアントID、例: sms)',
    dryRunOption: '確かめるだけで、何も書き込まない',
    jsonOption: '結果を JSON で出す',
    reportOption: '取り込めなかった行をすべてこの CSV ファイルに書く',

    title: (file: string, console: string, dryRun: boolean) =>
      `${file} → ${console}${dryRun ? ' (確認のみ)' : ''}`,
    checking: 'ファイルを確かめています',
    importing: (rows: string) => `${rows} 行`,
    interrupted: '中断しました。同じコマンドをもう一度実行すると、続きから取り込みます。',

    layout: (encoding: string, separator: string) => `文字コード ${encoding}、${separator}区切り`,
    comma: 'コンマ',
    tab: 'タブ',
    resumed: (line: string) =>
      `前回の続きから取り込みました (${line} 行目の後から)。件数は前回の分を含みます。`,
    dryRun: '確認のみです。何も書き込んでいません。',
    rowsRead: '読み込んだ行',
    created: '新しいアカウント',
    linked: 'ほかの管理画面のアカウントに追加',
    filled: '空の項目を補ったアカウント',
    unchanged: '変更なし',
    refused: '取り込めなかった行',
    legacyPasswords: '取り込んだパスワードハッシュ',
    legacyPasswordsRefused: '取り込めなかったパスワードハッシュ',

    refusedTitle: '取り込めなかった行と理由',
    refusedMore: (shown: string, report: boolean) =>
      report
        ? `最初の ${shown} 件を表示しました。すべては次のファイルにあります。`
        : `最初の ${shown} 件を表示しました。すべてを見るには --report ファイル名.csv を付けてください。`,
    reportWritten: (path: string) => `取り込めなかった行の一覧: ${path}`,
    runAgain: '直したファイルをもう一度取り込んでください。取り込み済みの人は変わりません。',
    csvHeader: ['行', '最後の行', 'ユーザーID', '理由コード', '理由'] as readonly string[],

    fileMissing: (path: string) => `ファイルがありません: ${path}`,
    fileIsFolder: (path: string) => `ファイルではなくフォルダーです: ${path}`,
    fileForbidden: (path: string) => `ファイルを読む権限がありません: ${path}`,
    fileChanged:
      '取り込み中にファイルが書き換えられました。それまでに読めた行は取り込み済みです。書き込みが終わってから、もう一度実行してください。',
    hashesNotWanted: (column: string, console: string) =>
      `列「${column}」にパスワードハッシュがありますが、この管理画面は従来のパスワードを受け付ける設定ではありません。列を消して取り込むか、先に hitokagi console legacy-passwords ${console} imported を実行してください。何も取り込んでいません。`,
    reportIsFile: (path: string) => `--report に取り込むファイルと同じ名前は使えません: ${path}`,
    reportNotWritable: (path: string) => `--report のファイルに書き込めません: ${path}`,
    consoleUnknown: (name: string, known: string) =>
      `管理画面「${name}」は登録されていません。登録済み: ${known}`,
    noConsoles: (name: string) => `管理画面「${name}」は登録されていません。先に管理画面を登録してください。`,
    alreadyRunning: 'この管理画面への取り込みがほかで実行中です。終わってから、もう一度実行してください。',
    cancelled: '取り込みが中止されました。それまでに読めた行は取り込み済みです。',
  },
  en: {
    description: "import a console's people from a CSV file",
    fileArgument: 'CSV file (UTF-8 or Shift_JIS, separated by commas or tabs)',
    consoleOption: 'name of the console (its client id, such as sms)',
    dryRunOption: 'check everything, write nothing',
    jsonOption: 'print the result as JSON',
    reportOption: 'write all rows that were not taken to this CSV file',

    title: (file, console, dryRun) => `${file} → ${console}${dryRun ? ' (dry run)' : ''}`,
    checking: 'Checking the file',
    importing: (rows) => `${rows} rows`,
    interrupted: 'Interrupted. Run the same command again to go on from here.',

    layout: (encoding, separator) => `Encoding ${encoding}, separated by ${separator}s`,
    comma: 'comma',
    tab: 'tab',
    resumed: (line) =>
      `Went on after line ${line}, where the last run was cut off. The figures include that run.`,
    dryRun: 'Dry run: nothing was written.',
    rowsRead: 'rows read',
    created: 'new accounts',
    linked: "added to other consoles' accounts",
    filled: 'accounts whose empty fields were filled',
    unchanged: 'unchanged',
    refused: 'rows not taken',
    legacyPasswords: 'password hashes kept',
    legacyPasswordsRefused: 'password hashes not taken',

    refusedTitle: 'Rows not taken, and why',
    refusedMore: (shown, report) =>
      report
        ? `These are the first ${shown}. All of them are in the following file.`
        : `These are the first ${shown}. Add --report NAME.csv to get all of them.`,
    reportWritten: (path) => `List of the rows not taken: ${path}`,
    runAgain: 'Correct the file and import it again. People who have been imported stay as they are.',
    csvHeader: ['line', 'last line', 'user ID', 'reason code', 'reason'],

    fileMissing: (path) => `There is no such file: ${path}`,
    fileIsFolder: (path) => `This is a folder, not a file: ${path}`,
    fileForbidden: (path) => `No permission to read the file: ${path}`,
    fileChanged:
      'The file was written to while it was imported. The rows read until then have been imported. Run the command again when the file is complete.',
    hashesNotWanted: (column, console) =>
      `The column "${column}" has password hashes, but this console is not set to accept legacy passwords. Remove the column, or run "hitokagi console legacy-passwords ${console} imported" first. Nothing was imported.`,
    reportIsFile: (path) => `--report cannot be the file that is imported: ${path}`,
    reportNotWritable: (path) => `The file of --report cannot be written: ${path}`,
    consoleUnknown: (name, known) => `There is no console "${name}". Registered: ${known}`,
    noConsoles: (name) => `There is no console "${name}". Register the console first.`,
    alreadyRunning: 'Another import of this console is running. Run the command again when it has ended.',
    cancelled: 'The import was cancelled. The rows read until then have been imported.',
  },
});
