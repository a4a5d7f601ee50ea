/** One line of a program. */
export interface SpokenLine {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** What one of several programs says that run beside one another. */
export interface Speaker {
  say(line: SpokenLine): void;
  /** It says no more. */
  end(): void;
}

interface Turn {
  /** What it said before its turn. */
  readonly kept: SpokenLine[];
  hasEnded: boolean;
}

/**
 * Prints what programs say that run beside one another as if they ran one after another. One is heard while it speaks; what the others say
 * is kept until that one has ended. Then come those that have ended meanwhile, and then the next one from its beginning.
 */
export function takeTurns(print: (line: SpokenLine) => void): { begin(title: string): Speaker } {
  const waiting: Turn[] = [];
  let current: Turn | null = null;

  function passOn(): void {
    do {
      const ended = waiting.findIndex(({ hasEnded }) => hasEnded);
      current = waiting.splice(Math.max(ended, 0), 1)[0] ?? null;
      current?.kept.splice(0).forEach(print);
    } while (current?.hasEnded === true);
  }

  return {
    begin(title) {
      const turn: Turn = { kept: [{ stream: 'stdout', text: title }], hasEnded: false };
      waiting.push(turn);
      if (current === null) passOn();
      return {
        say: (line) => (turn === current ? print(line) : void turn.kept.push(line)),
        end() {
          turn.hasEnded = true;
          if (turn === current) passOn();
        },
      };
    },
  };
}
