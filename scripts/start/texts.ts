/** One sentence for people, in both languages. */
export type Complaint = { ja: string; en: string };

/** Something that stops the start and that a person can cause or cure. */
export class StartError extends Error {
  readonly complaint: Complaint;

  constructor(what: Complaint, options?: ErrorOptions) {
    super(what.en, options);
    this.name = 'StartError';
    this.complaint = what;
  }
}

/** The sentence of this name about these details. */
export function complaint<Name extends keyof typeof japanese>(
  name: Name,
  ...details: Parameters<(typeof japanese)[Name]>
): Complaint {
  const [ja, en] = [japanese[name], english[name]] as ((...details: unknown[]) => string)[];
  return { ja: ja?.(...details) ?? '', en: en?.(...details) ?? '' };
}

const japanese = {
  argumentUnknown: (argument: string) =>
    `引数 ${argument} はありません。使い方は npm start -- --help で表示されます。`,
  portBaseMalformed: (value: string) =>
    `HITOKAGI_PORT_BASE は1から65160までの数にしてください (今は「${value}」です)。`,
  portTaken: (port: number, use: string) =>
    `ポート ${port} (${use}) はほかのプログラムが使っています。それを終了するか、HITOKAGI_PORT_BASE=5100 のように別の番号を指定してください。`,
  portForbidden: (port: number, use: string) =>
    `ポート ${port} (${use}) を開く権限がありません。HITOKAGI_PORT_BASE に1024以上の番号を指定してください。`,
  dataFolderNotWritable: (folder: string) =>
    `データフォルダー ${folder} に書き込めません。権限を直すか、HITOKAGI_DATA_DIR で別のフォルダーを指定してください。`,
  notOurDataFolder: (folder: string) =>
    `${folder} には npm start が作っていないものがあるため、--fresh で空にしません。中身を確かめて、自分で削除してください。`,
  alreadyRunning: (folder: string, pid: string) =>
    `データフォルダー ${folder} はすでに起動しています (プロセス ${pid})。そちらを終了するか、HITOKAGI_DATA_DIR で別のフォルダーを指定してください。`,
  databaseInUse: (folder: string) =>
    `データフォルダー ${folder} のデータベースを、ほかのプログラム (npx hitokagi など) が使っています。終わってから、もう一度起動してください。`,
  commandFailed: (name: string, logFile: string) => `準備の手順「${name}」が失敗しました。記録: ${logFile}`,
  programDied: (name: string, how: string, logFile: string) =>
    `${name} が終了しました (${how})。記録: ${logFile}`,
  programNotReady: (name: string, seconds: number, logFile: string) =>
    `${name} が${seconds}秒たっても準備できません。記録: ${logFile}`,
};

const english: {
  [Name in keyof typeof japanese]: (...details: Parameters<(typeof japanese)[Name]>) => string;
} = {
  argumentUnknown: (argument) =>
    `There is no argument ${argument}: npm start -- --help tells which there are.`,
  portBaseMalformed: (value) => `HITOKAGI_PORT_BASE must be a number from 1 to 65160 (it is "${value}").`,
  portTaken: (port, use) =>
    `Port ${port} (${use}) is used by another program: end that program, or choose other ports, as in HITOKAGI_PORT_BASE=5100.`,
  portForbidden: (port, use) =>
    `Port ${port} (${use}) may not be opened by this user: set HITOKAGI_PORT_BASE to 1024 or more.`,
  dataFolderNotWritable: (folder) =>
    `The data folder ${folder} cannot be written: correct its permissions, or choose another one by HITOKAGI_DATA_DIR.`,
  notOurDataFolder: (folder) =>
    `${folder} holds things that npm start did not make, so --fresh does not empty it: look at them and remove them yourself.`,
  alreadyRunning: (folder, pid) =>
    `The data folder ${folder} is in use by a running start (process ${pid}): end it, or choose another folder by HITOKAGI_DATA_DIR.`,
  databaseInUse: (folder) =>
    `The database in ${folder} is kept by another program, such as npx hitokagi: start again when that has ended.`,
  commandFailed: (name, logFile) => `The preparing step "${name}" failed. Log: ${logFile}`,
  programDied: (name, how, logFile) => `${name} ended (${how}). Log: ${logFile}`,
  programNotReady: (name, seconds, logFile) =>
    `${name} was not ready after ${seconds} seconds. Log: ${logFile}`,
};

/** What `--help` prints. */
export const help = `npm start [-- --fresh]

  統合認証、2つの管理画面、メールの受け皿、SMSゲートウェイの模擬を、見本データつきで1台に起動します。
  --fresh               データを消して、最初からやり直します
  HITOKAGI_PORT_BASE    先頭のポート番号 (省略時 4100)
  HITOKAGI_DATA_DIR     データを置くフォルダー (省略時 .data)

  Starts the unified login, two consoles, a mailbox and an SMS gateway simulator on this machine, with sample data.
  --fresh               removes the data and begins anew
  HITOKAGI_PORT_BASE    the first port (default 4100)
  HITOKAGI_DATA_DIR     where data lives (default .data)
`;
