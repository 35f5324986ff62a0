import { Name } from '@hitokagi/design-system';

/** A sentence in which these names (of a product, company or person) are never broken over two lines. */
export function Kept({ text, names }: { text: string; names: readonly string[] }) {
  const [name, ...others] = names;
  if (name === undefined || name === '') return <>{text}</>;
  const parts = text.split(name);
  return (
    <>
      {parts.map((part, index) => (
        <>
          {index === 0 ? null : <Name>{name}</Name>}
          <Kept text={part} names={others} />
        </>
      ))}
    </>
  );
}
