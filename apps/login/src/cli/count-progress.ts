import { progress as progressBar } from '@clack/prompts';
import type { Output } from './import-progress.ts';

/** Shows how far something has come that counts: a bar on a terminal, a line for every tenth elsewhere, nothing without an output. */
export function showCount(output: Output | undefined): {
  update(done: number, all: number): void;
  end(): void;
} {
  if (!output) return { update: () => undefined, end: () => undefined };
  const bar = output.isTTY ? progressBar({ max: 100, output }) : undefined;
  let shown = 0;
  bar?.start('0');
  return {
    update(done, all) {
      const percent = all === 0 ? 0 : Math.floor((done / all) * 100);
      const text = done.toLocaleString('en');
      if (bar) bar.advance(percent - shown, text);
      else if (Math.floor(percent / 10) > Math.floor(shown / 10)) output.write(`${percent} %  ${text}\n`);
      shown = percent;
    },
    end: () => bar?.stop(),
  };
}
