// The words, numbers, texts and signs of a value template, taken one after the other.
import { decimalOf, type Decimal } from "#devices/decimal";

type Token =
  | { readonly kind: "word" | "text" | "sign"; readonly text: string }
  | { readonly kind: "number"; readonly text: string; readonly number: Decimal };

/** A number, or a word or text. */
export type Argument = { readonly number: Decimal } | string;

const TOKEN =
  /\s*(?:(?<word>[A-Za-z_]\w*)|(?<number>\d+(?:\.\d+)?)|'(?<single>[^'\\]*)'|"(?<double>[^"\\]*)"|(?<sign>[-+*/|().[\],=]))/y;
const ARGUMENTS_MAX = 4;

export class Tokens {
  readonly #tokens: readonly Token[];
  #at = 0;

  private constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** `undefined` where something else stands in the text. */
  static of(text: string): Tokens | undefined {
    const tokens: Token[] = [];
    const end = text.trimEnd().length;
    TOKEN.lastIndex = 0;
    for (let at = 0; at < end; at = TOKEN.lastIndex) {
      TOKEN.lastIndex = at;
      const groups = TOKEN.exec(text)?.groups;
      const token = groups === undefined ? undefined : tokenOf(groups);
      if (token === undefined) return undefined;
      tokens.push(token);
    }
    return new Tokens(tokens);
  }

  isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  /** The next token, if it is one of these signs. */
  take(...signs: readonly string[]): string | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "sign" || !signs.includes(token.text)) return undefined;
    this.#at++;
    return token.text;
  }

  /** Whether the next token is one of these words; then it is taken. */
  takeNamed(...words: readonly string[]): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "word" || !words.includes(token.text)) return false;
    this.#at++;
    return true;
  }

  /** What stands in for a value that is not there, to the end. */
  takeRest(): void {
    this.#at = this.#tokens.length;
  }

  takeWord(): string | undefined {
    return this.#takeKind("word")?.text;
  }

  takeText(): string | undefined {
    return this.#takeKind("text")?.text;
  }

  takeNumber(): Decimal | undefined {
    const token = this.#takeKind("number");
    return token?.kind === "number" ? token.number : undefined;
  }

  /** A place in a list. */
  takeIndex(): number | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "number" || !/^\d{1,4}$/.test(token.text)) return undefined;
    this.#at++;
    return Number(token.text);
  }

  /** In brackets, behind the name of a filter; without brackets there are none. `undefined`: they are not read. */
  takeArguments(): readonly Argument[] | undefined {
    const given: Argument[] = [];
    if (this.take("(") === undefined || this.take(")") !== undefined) return given;
    for (;;) {
      const name = this.#takeName();
      const argument = this.#takeArgument();
      if (argument === undefined || given.length === ARGUMENTS_MAX) return undefined;
      // What stands in for a value that is not there is not looked at by anybody.
      if (name !== "default") given.push(argument);
      if (this.take(")") !== undefined) return given;
      if (this.take(",") === undefined) return undefined;
    }
  }

  /** `default=0`: the name, with its sign; a word that is an argument itself stays. */
  #takeName(): string | undefined {
    const next = this.#tokens[this.#at + 1];
    if (next?.kind !== "sign" || next.text !== "=") return undefined;
    const name = this.takeWord();
    if (name !== undefined) this.#at++;
    return name;
  }

  #takeArgument(): Argument | undefined {
    const text = this.takeText() ?? this.takeWord();
    if (text !== undefined) return text;
    const isNegative = this.take("-") !== undefined;
    const number = this.takeNumber();
    if (number === undefined) return undefined;
    const signed = isNegative ? decimalOf(`-${number}`) : number;
    return signed === undefined ? undefined : { number: signed };
  }

  #takeKind(kind: Token["kind"]): Token | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind) return undefined;
    this.#at++;
    return token;
  }
}

function tokenOf(groups: Readonly<Record<string, string | undefined>>): Token | undefined {
  const { word, number, single, double, sign } = groups;
  if (word !== undefined) return { kind: "word", text: word };
  if (sign !== undefined) return { kind: "sign", text: sign };
  if (number === undefined) return { kind: "text", text: single ?? double ?? "" };
  const decimal = decimalOf(number);
  return decimal === undefined ? undefined : { kind: "number", text: number, number: decimal };
}
