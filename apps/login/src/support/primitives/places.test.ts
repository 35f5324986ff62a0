import { expect, it } from 'vitest';
import { createPlaces } from './places.ts';

it('gives each key its own places, and a place that becomes free to whoever waits longest', async () => {
  const places = createPlaces(2);
  const [a, b] = [await places.take('x', 0), await places.take('x', 0)];
  expect(await places.take('y', 0)).toBeTypeOf('function');
  const order: string[] = [];
  const third = places.take('x', 1_000).then((release) => (order.push('third'), release));
  const fourth = places.take('x', 1_000).then((release) => (order.push('fourth'), release));
  a?.();
  (await third)?.();
  await fourth;
  b?.();
  expect(order).toEqual(['third', 'fourth']);
});

it('sends away who has waited long enough, and forgets them', async () => {
  const places = createPlaces(1);
  const first = await places.take('x', 0);
  expect(await places.take('x', 5)).toBeUndefined();
  first?.();
  const again = await places.take('x', 0);
  expect(again).toBeTypeOf('function');
});
