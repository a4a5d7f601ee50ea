/** What a Redis that refuses a connection says, by the beginning of its words, and what an operator is to do. */
const known: readonly (readonly [words: RegExp, sentence: string])[] = [
  [/^NOAUTH/, 'it asks for a password, as in redis://:PASSWORD@HOST:PORT'],
  [/^WRONGPASS|invalid password/, 'it refuses the user name or the password'],
  [/^NOPERM/, 'its ACL forbids this user a command that is needed'],
  [/wrong version number|packet length too long|EPROTO/, 'it speaks no TLS, which rediss:// asks for'],
];

/** What is wrong with a Redis, by the error of its connection: in words for an operator where they are known, else its own on one line. */
export function explainRedisError({ message }: Error): string {
  const words = message.replaceAll(/\s+/g, ' ').trim();
  return known.find(([beginning]) => beginning.test(words))?.[1] ?? words;
}

/** Whether Redis has said that it does not let this connection in, which waiting does not mend. */
export function isRedisRefusal({ message }: Error): boolean {
  return /^(NOAUTH|WRONGPASS|NOPERM)/.test(message);
}
