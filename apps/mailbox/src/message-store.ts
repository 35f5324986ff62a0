import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredMessage } from './message.ts';

/** Keeps the newest messages in memory and, given a folder, in its `messages.jsonl`, one message a line. */
export class MessageStore {
  readonly #limit: number;
  readonly #file: string | undefined;
  #messages: StoredMessage[] = [];
  #linesInFile = 0;

  /** Reads what an earlier run left; a line cut off by a crash is dropped. */
  constructor(options: { folder?: string | undefined; limit: number }) {
    this.#limit = options.limit;
    if (options.folder === undefined) return;
    mkdirSync(options.folder, { recursive: true });
    this.#file = join(options.folder, 'messages.jsonl');
    this.#messages = readLines(this.#file).slice(-this.#limit);
    this.#rewrite();
  }

  /** The newest message first. */
  newestFirst(): readonly StoredMessage[] {
    return this.#messages.toReversed();
  }

  /** The message with this id, if it is still kept. */
  find(id: string): StoredMessage | undefined {
    return this.#messages.find((message) => message.id === id);
  }

  /** Stores messages; they are in the file when this returns. */
  add(messages: readonly StoredMessage[]): void {
    this.#messages.push(...messages);
    this.#messages.splice(0, this.#messages.length - this.#limit);
    if (this.#file === undefined) return;
    appendFileSync(this.#file, messages.map(toLine).join(''));
    this.#linesInFile += messages.length;
    if (this.#linesInFile > 2 * this.#limit) this.#rewrite();
  }

  /** Forgets everything, in the file too. */
  clear(): void {
    this.#messages = [];
    this.#rewrite();
  }

  /** Through a second file, so that a crash in between leaves one that is whole. */
  #rewrite(): void {
    if (this.#file === undefined) return;
    writeFileSync(`${this.#file}.new`, this.#messages.map(toLine).join(''));
    renameSync(`${this.#file}.new`, this.#file);
    this.#linesInFile = this.#messages.length;
  }
}

function toLine(message: StoredMessage): string {
  return `${JSON.stringify(message)}\n`;
}

function readLines(file: string): StoredMessage[] {
  return readIfThere(file)
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as StoredMessage];
      } catch {
        return [];
      }
    });
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
