/** Why the embedded database could not be opened, kept or removed. Each code has one sentence in `sentences`. */
export type EmbeddedDatabaseErrorCode = keyof typeof japanese;

/**
 * A failure that a person can cause or cure. `message` is one English sentence, `messageJa` the same in Japanese.
 * `detail` is what the sentence is about: a path, a user, or the last line that PostgreSQL wrote.
 */
export class EmbeddedDatabaseError extends Error {
  readonly code: EmbeddedDatabaseErrorCode;
  readonly messageJa: string;

  constructor(code: EmbeddedDatabaseErrorCode, detail: string, options?: ErrorOptions) {
    super(sentences.en[code](detail), options);
    this.name = 'EmbeddedDatabaseError';
    this.code = code;
    this.messageJa = sentences.ja[code](detail);
  }
}

const japanese = {
  'no-binaries': (platform: string) =>
    `この環境 (${platform}) 用のPostgreSQLが入っていません。DATABASE_URLでPostgreSQL 15以降を指定してください。`,
  'binaries-unusable': (reason: string) =>
    `付属のPostgreSQLをこの環境で実行できません (${reason})。DATABASE_URLでPostgreSQL 15以降を指定してください。`,
  'data-folder-not-writable': (folder: string) =>
    `データフォルダー ${folder} に書き込めません。権限を直すか、別のフォルダーを指定してください。`,
  'disk-full': (folder: string) =>
    `${folder} のあるディスクに空きがありません。空きを作ってから、もう一度起動してください。`,
  'no-unprivileged-user': () =>
    'PostgreSQLはrootでは動かず、このマシンには代わりのユーザー (postgres または nobody) がいません。一般ユーザーで起動してください。',
  'user-without-name': (uid: string) =>
    `ユーザー番号 ${uid} に名前がないためPostgreSQLを準備できません。/etc/passwd に登録するか、名前のあるユーザーで起動してください。`,
  'not-reachable': (folder: string) =>
    `PostgreSQLを動かすユーザーが ${folder} に入れません。フォルダーの権限を直すか、別のデータフォルダーを指定してください。`,
  'cluster-of-another-user': (folder: string) =>
    `データベース ${folder} は別のユーザーが作ったものです。そのユーザーで起動するか、別のデータフォルダーを指定してください。`,
  'cluster-version': (detail: string) =>
    `データベースは別の版のPostgreSQLのものです (${detail})。その版で書き出すか、別のデータフォルダーを指定してください。`,
  'socket-folder': (folder: string) =>
    `${folder} を別のユーザーが使っています。そのフォルダーを削除してから、もう一度起動してください。`,
  busy: (folder: string) =>
    `データフォルダー ${folder} を別のプログラムが開こうとしたまま進みません。そのプログラムを終了してから、もう一度起動してください。`,
  'in-use': (folder: string) =>
    `データフォルダー ${folder} のデータベースは使用中です。使っているプログラムを終了してから、もう一度実行してください。`,
  'start-failed': (lastLine: string) => `PostgreSQLを起動できませんでした (${lastLine})。`,
  'keeps-crashing': (lastLine: string) =>
    `PostgreSQLが続けて異常終了したため、再起動をやめました (${lastLine})。`,
};

const english: Record<EmbeddedDatabaseErrorCode, (detail: string) => string> = {
  'no-binaries': (platform) =>
    `There is no PostgreSQL for this platform (${platform}): name a PostgreSQL 15 or later in DATABASE_URL.`,
  'binaries-unusable': (reason) =>
    `The PostgreSQL that comes along does not run here (${reason}): name a PostgreSQL 15 or later in DATABASE_URL.`,
  'data-folder-not-writable': (folder) =>
    `The data folder ${folder} cannot be written: correct its permissions or choose another one.`,
  'disk-full': (folder) => `The disk that holds ${folder} is full: free some space and start again.`,
  'no-unprivileged-user': () =>
    'PostgreSQL refuses to run as root and this machine has neither a user "postgres" nor "nobody": start as an ordinary user.',
  'user-without-name': (uid) =>
    `PostgreSQL cannot be set up by user number ${uid}, who has no name: add it to /etc/passwd or start as a user with a name.`,
  'not-reachable': (folder) =>
    `The user who runs PostgreSQL cannot enter ${folder}: correct its permissions or choose another data folder.`,
  'cluster-of-another-user': (folder) =>
    `The database ${folder} was made by another user: start as that user or choose another data folder.`,
  'cluster-version': (detail) =>
    `The database was made by another version of PostgreSQL (${detail}): export it with that version or choose another data folder.`,
  'socket-folder': (folder) => `${folder} belongs to another user: remove it and start again.`,
  busy: (folder) =>
    `Another program is opening the data folder ${folder} and does not get on: end that program and start again.`,
  'in-use': (folder) => `The database in ${folder} is in use: end the program that uses it and try again.`,
  'start-failed': (lastLine) => `PostgreSQL did not start (${lastLine}).`,
  'keeps-crashing': (lastLine) =>
    `PostgreSQL crashed several times in a row and is not restarted any more (${lastLine}).`,
};

const sentences = { ja: japanese, en: english };
