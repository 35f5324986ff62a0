import { benchmark } from './benchmark.ts';
import { readOptions } from './options.ts';
import { printed } from './report.ts';

const read = readOptions(process.argv.slice(2));
if (!read.ok) {
  process.stderr.write(`${read.problem}\n`);
  process.exitCode = 1;
} else {
  const { options } = read;
  const report = await benchmark(options, (line) => process.stderr.write(`${line}\n`));
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : printed(report));
}
