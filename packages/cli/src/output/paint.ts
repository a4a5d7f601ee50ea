import { styleText } from 'node:util';

/** Colours a word when `stream` is a terminal that wants colours (NO_COLOR is obeyed); leaves it alone otherwise. */
export function paint(
  colour: 'green' | 'red' | 'yellow' | 'dim' | 'bold',
  text: string,
  stream: NodeJS.WriteStream = process.stdout,
): string {
  return stream.isTTY ? styleText(colour, text, { stream }) : text;
}
