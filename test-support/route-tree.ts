/** Reads "METHOD /path" from the tree that fastify prints; HEAD and OPTIONS follow from the others, and static files have names of their own. */
export function routesOf(tree: string): string[] {
  const found: string[] = [];
  const above: string[] = [];
  for (const line of tree.split('\n')) {
    const at = /[├└]── /.exec(line);
    if (!at) continue;
    const depth = at.index / 4;
    const [, part = '', methods] = /^(.*?)(?: \(([A-Z, ]+)\))?$/.exec(line.slice(at.index + 4)) ?? [];
    above.length = depth;
    above[depth] = part;
    for (const method of methods?.split(', ') ?? [])
      if (method !== 'HEAD' && method !== 'OPTIONS') found.push(`${method} ${above.join('')}`);
  }
  return [...new Set(found)].filter((route) => !route.startsWith('GET /assets/')).sort();
}
