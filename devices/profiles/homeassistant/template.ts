// Value templates of Home Assistant, as far as they say where a number stands and how it is scaled. Everything else is not guessed at.
//
//   template  {{ sum }} | {{ sum "if" presence "else" … }}
//   presence  path "is" ["not"] word ("and" presence)*      a value that is not there is none, whatever stands behind else
//   sum       product (("+" | "-") product)*
//   product   sign (("*" | "/") sign)*
//   sign      "-" sign | filtered
//   filtered  primary ("|" filter)*              a filter binds closer than any sign, as in Jinja
//   primary   number | "(" sum ")" | ("float" | "int") "(" sum ")" | path
//   path      "value" | "value_json" (".name" | "['name']" | "[0]" | ".get('name')")*
//   filter    float, int, abs, is_defined, default(…), round(digits, method), multiply(number), add(number)
import { decimalOf, decimalOfJson, type Decimal } from "#devices/decimal";
import { isJsonObject, JsonNumber } from "#devices/json";
import {
  add,
  decimalOfExact,
  divide,
  exactOf,
  multiply,
  negate,
  round,
  truncate,
  type Exact,
} from "./exact.ts";
import { Tokens } from "./template-tokens.ts";

/** What a template is given: the payload as text, and what it is as JSON (`undefined` where it is none). */
export type TemplateInput = { readonly value: string; readonly json: unknown };

/** A number; nothing (the value is not there, or null); or what stands where a number should. */
export type Rendered = { readonly number: Decimal } | { readonly text: string } | undefined;

export type Template = {
  readonly render: (input: TemplateInput) => Rendered;
  /** Whether it looks into JSON. */
  readonly readsJson: boolean;
};

type Outcome = Exact | string | undefined;
type Step = (input: TemplateInput) => Outcome;

const TEMPLATE_LENGTH_MAX = 1000;
const DEPTH_MAX = 20;

/** `undefined`: a template that is not read. Without one the payload is the value. */
export function templateOf(text: string): Template | undefined {
  const [, inner] = text.length > TEMPLATE_LENGTH_MAX ? [] : (/^\s*\{\{-?(.*?)-?\}\}\s*$/s.exec(text) ?? []);
  const tokens = inner === undefined ? undefined : Tokens.of(inner);
  return tokens === undefined ? undefined : new Parser(tokens).template();
}

class Parser {
  readonly #tokens: Tokens;
  #depth = 0;
  #paths = 0;
  #readsJson = false;

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  template(): Template | undefined {
    const step = this.#sum();
    if (this.#tokens.takeNamed("if") && !this.#onlyIfPresent()) return undefined;
    // A constant measures nothing.
    if (step === undefined || !this.#tokens.isAtEnd() || this.#paths === 0) return undefined;
    return { render: (input) => rendered(step(input)), readsJson: this.#readsJson };
  }

  /** Up to the end: whether what stands before `if` is asked for only where it is there. */
  #onlyIfPresent(): boolean {
    do {
      const word = this.#tokens.takeWord();
      if ((word !== "value" && word !== "value_json") || this.#path() === undefined) return false;
      const isPresence = this.#tokens.takeNamed("is") && this.#isPresence();
      if (!isPresence) return false;
    } while (this.#tokens.takeNamed("and"));
    if (!this.#tokens.takeNamed("else")) return false;
    this.#tokens.takeRest();
    return true;
  }

  #isPresence(): boolean {
    if (!this.#tokens.takeNamed("not")) return this.#tokens.takeNamed("defined", "number");
    return this.#tokens.takeNamed("none", "None", "undefined");
  }

  #sum(): Step | undefined {
    if (++this.#depth > DEPTH_MAX) return undefined;
    let left = this.#product();
    for (;;) {
      const sign = this.#tokens.take("+", "-");
      if (left === undefined || sign === undefined) break;
      const right = this.#product();
      if (right === undefined) return undefined;
      left = both(left, right, (a, b) => add(a, sign === "+" ? b : negate(b)));
    }
    this.#depth--;
    return left;
  }

  #product(): Step | undefined {
    let left = this.#sign();
    for (;;) {
      const sign = this.#tokens.take("*", "/");
      if (left === undefined || sign === undefined) return left;
      const right = this.#sign();
      if (right === undefined) return undefined;
      left = both(left, right, sign === "*" ? multiply : divide);
    }
  }

  /** As in Jinja a filter is given what the sign has made: `-value | abs` is no negative number. */
  #sign(): Step | undefined {
    let step = this.#negated();
    while (step !== undefined && this.#tokens.take("|") !== undefined) step = this.#filter(step);
    return step;
  }

  #negated(): Step | undefined {
    if (this.#tokens.take("-") === undefined) return this.#primary();
    if (++this.#depth > DEPTH_MAX) return undefined;
    const step = this.#negated();
    this.#depth--;
    return step === undefined ? undefined : map(step, negate);
  }

  #primary(): Step | undefined {
    const number = this.#tokens.takeNumber();
    if (number !== undefined) return () => exactOf(number);
    if (this.#tokens.take("(") !== undefined) return this.#closed();
    const word = this.#tokens.takeWord();
    if (word === "float" || word === "int") {
      const step = this.#tokens.take("(") === undefined ? undefined : this.#closed();
      return step === undefined || word === "float" ? step : map(step, truncate);
    }
    if (word !== "value" && word !== "value_json") return undefined;
    this.#paths++;
    if (word === "value") return ({ value }) => numberIn(value);
    this.#readsJson = true;
    const path = this.#path();
    return path === undefined ? undefined : ({ json }) => numberAt(json, path);
  }

  #closed(): Step | undefined {
    const step = this.#sum();
    return this.#tokens.take(")") === undefined ? undefined : step;
  }

  #path(): (string | number)[] | undefined {
    const path: (string | number)[] = [];
    for (;;) {
      if (this.#tokens.take(".") !== undefined) {
        const name = this.#tokens.takeWord();
        if (name === undefined) return undefined;
        const [key] = name === "get" ? (this.#tokens.takeArguments() ?? []) : [];
        path.push(typeof key === "string" ? key : name);
      } else if (this.#tokens.take("[") !== undefined) {
        const key = this.#tokens.takeText() ?? this.#tokens.takeIndex();
        if (key === undefined || this.#tokens.take("]") === undefined) return undefined;
        path.push(key);
      } else return path;
    }
  }

  #filter(step: Step): Step | undefined {
    const name = this.#tokens.takeWord() ?? "";
    const given = this.#tokens.takeArguments();
    if (given === undefined) return undefined;
    const [first] = given;
    switch (name) {
      // What stands in for a value that is not there is no measurement, so it is not put there.
      case "float":
      case "default":
      case "d":
      case "is_defined":
        return step;
      case "int":
        return map(step, truncate);
      case "abs":
        return map(step, (value) => (value.mantissa < 0n ? negate(value) : value));
      case "round":
        return roundStep(step, given);
      case "multiply":
      case "add": {
        const factor = typeof first === "string" || first === undefined ? undefined : exactOf(first.number);
        if (factor === undefined) return undefined;
        return map(step, (value) => (name === "multiply" ? multiply(value, factor) : add(value, factor)));
      }
      default:
        return undefined;
    }
  }
}

const ROUND_DIGITS_MAX = 20;

function roundStep(step: Step, given: readonly ({ readonly number: Decimal } | string)[]): Step | undefined {
  const [first, second = "common"] = given;
  const digits = first === undefined ? 0 : typeof first === "string" ? -1 : Number(first.number);
  if (!Number.isInteger(digits) || digits < 0 || digits > ROUND_DIGITS_MAX) return undefined;
  if (second !== "common" && second !== "floor" && second !== "ceil") return undefined;
  return map(step, (value) => round(value, digits, second));
}

/** Nothing stays nothing, a text stays what it is; a result out of all bounds is said as such. */
function map(step: Step, change: (value: Exact) => Exact | undefined): Step {
  return (input) => {
    const value = step(input);
    return value === undefined || typeof value === "string" ? value : (change(value) ?? OUT_OF_BOUNDS);
  };
}

function both(left: Step, right: Step, join: (left: Exact, right: Exact) => Exact | undefined): Step {
  return (input) => {
    const [a, b] = [left(input), right(input)];
    if (a === undefined || b === undefined) return undefined;
    if (typeof a === "string") return a;
    return typeof b === "string" ? b : (join(a, b) ?? OUT_OF_BOUNDS);
  };
}

const OUT_OF_BOUNDS = "out of all bounds";

function numberAt(json: unknown, path: readonly (string | number)[]): Outcome {
  let at = json;
  for (const key of path) {
    if (typeof key === "number") at = Array.isArray(at) ? (at as unknown[])[key] : undefined;
    else at = isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  if (at === undefined || at === null) return undefined;
  if (at instanceof JsonNumber) {
    const value = decimalOfJson(at.text);
    return value === undefined ? at.text : exactOf(value);
  }
  return typeof at === "string" ? numberIn(at) : typeof at === "boolean" ? String(at) : "a list or an object";
}

/** How a sensor says that it has no value, beside saying nothing. */
const ABSENT = new Set(["", "none", "null", "nan", "unknown", "unavailable"]);
const NUMBER_LENGTH_MAX = 100;

function numberIn(text: string): Outcome {
  const trimmed = text.trim();
  if (ABSENT.has(trimmed.toLowerCase())) return undefined;
  const value =
    trimmed.length > NUMBER_LENGTH_MAX ? undefined : (decimalOf(trimmed) ?? decimalOfJson(trimmed));
  return value === undefined ? trimmed : exactOf(value);
}

function rendered(outcome: Outcome): Rendered {
  if (outcome === undefined) return undefined;
  if (typeof outcome === "string") return { text: outcome };
  const number = decimalOfExact(outcome);
  return number === undefined ? { text: OUT_OF_BOUNDS } : { number };
}

/** A sensor without a template: its whole payload is the value. */
export const WHOLE_PAYLOAD: Template = {
  render: ({ value }) => rendered(numberIn(value)),
  readsJson: false,
};

/** The text at a path: `last_reset` is an instant, no number. `undefined` where the template is more than a path, or nothing is there. */
export function textAt(template: string, { value, json }: TemplateInput): string | undefined {
  const [, inner = ""] =
    template.length > TEMPLATE_LENGTH_MAX ? [] : (/^\s*\{\{-?(.*?)-?\}\}\s*$/s.exec(template) ?? []);
  if (inner.trim() === "value") return value.trim();
  const tokens = Tokens.of(inner);
  if (tokens?.takeWord() !== "value_json") return undefined;
  let at = json;
  while (!tokens.isAtEnd()) {
    const isMember = tokens.take(".") !== undefined;
    if (!isMember && tokens.take("[") === undefined) return undefined;
    const key = isMember ? tokens.takeWord() : tokens.takeText();
    if (key === undefined || (!isMember && tokens.take("]") === undefined)) return undefined;
    at = isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return typeof at === "string" ? at : undefined;
}
