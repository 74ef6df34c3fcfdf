import { floatText } from "../ruby/value.ts";

/** What Ruby's YAML makes of a text without quotes, with its `to_s`, which is what Kamal passes on. */
export interface PlainValue {
  readonly is: "text" | "integer" | "float" | "boolean" | "null" | "symbol" | "date" | "time";
  /** Texts, symbols and dates as text. */
  readonly value: string | number | boolean | null;
  readonly text: string;
}

/**
 * Reads a text as Psych does, the YAML of Ruby, which has words, octal numbers, numbers of base 60 and symbols that others do not have.
 *
 * @example plainValue("10_000_000") // { is: "integer", value: 10000000, text: "10000000" }
 */
export function plainValue(text: string): PlainValue {
  if (text === "") return { is: "null", value: null, text: "" };
  if (LIKE_A_WORD.test(text) || text.includes("\n")) return wordValue(text);
  if (TIME.test(text)) return { is: "time", value: text, text };
  if (DATE.test(text)) return { is: "date", value: dateText(text), text: dateText(text) };
  if (/^[-+]?\.inf$/i.test(text)) return float(text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
  if (/^\.nan$/i.test(text)) return float(Number.NaN);
  if (/^:./.test(text)) {
    const symbol = /^:["'](.*)["']/.exec(text)?.[1] ?? text.slice(1);
    return { is: "symbol", value: symbol, text: symbol };
  }
  if (/^[-+]?[0-9][0-9_]*(:[0-5]?[0-9]){1,2}$/.test(text)) return integer(sexagesimal(text));
  if (/^[-+]?[0-9][0-9_]*(:[0-5]?[0-9]){1,2}\.[0-9_]*$/.test(text)) return float(sexagesimal(text));
  if (FLOAT.test(text))
    return /^[-+]?\.$/.test(text) ? { is: "text", value: text, text } : float(Number(text.replace(/[,_]/g, "")));
  const whole = integerOf(text);
  if (whole === undefined) return { is: "text", value: text, text };
  return Number.isSafeInteger(whole) ? integer(whole) : largeInteger(text);
}

const LIKE_A_WORD = /^[^\d.:-]?[\p{L}_\s!@#$%^&*(){}<>|/\\~;=]+/u;
const TIME = /^-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?$/;
const DATE = /^\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)$/;
const FLOAT = /^(?:[-+]?([0-9][0-9_,]*)?\.[0-9]*([eE][+-][0-9]+)?)$/;

function wordValue(text: string): PlainValue {
  if (text.length <= 5) {
    if (text === "~" || /^null$/i.test(text)) return { is: "null", value: null, text: "" };
    if (/^(yes|true|on)$/i.test(text)) return { is: "boolean", value: true, text: "true" };
    if (/^(no|false|off)$/i.test(text)) return { is: "boolean", value: false, text: "false" };
  }
  return { is: "text", value: text, text };
}

const dateText = (text: string): string => {
  const [year = "", month = "", day = ""] = text.split("-");
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
};

/** Psych counts the parts from the left, so that `1:30` is 1 h 30 min in seconds. */
const sexagesimal = (text: string): number =>
  text
    .split(":")
    .map((part, at) => Number(part.replaceAll("_", "")) * 60 ** Math.abs(at - 2))
    .reduce((sum, part) => sum + part, 0);

function integerOf(text: string): number | undefined {
  const [, sign = "", digits = ""] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  const size = sizeOf(digits);
  return size === undefined ? undefined : sign === "-" ? -size : size;
}

function sizeOf(digits: string): number | undefined {
  const plain = digits.replace(/[_,]/g, "");
  if (/^0b[01_,]*[01][01_,]*$/.test(digits)) return Number(plain);
  if (/^0x[0-9a-fA-F_,]*[0-9a-fA-F][0-9a-fA-F_,]*$/.test(digits)) return Number(plain);
  if (/^0[_,]*[0-7_,]*[0-7][0-7_,]*$/.test(digits)) return Number.parseInt(plain, 8);
  return /^(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)$/.test(digits) ? Number(plain) : undefined;
}

const integer = (value: number): PlainValue => ({ is: "integer", value: value + 0, text: String(value + 0) });

/** Ruby's integers have no end; a number of JavaScript would be another one. */
function largeInteger(written: string): PlainValue {
  const [, sign = "", digits = ""] = /^([-+]?)(.*)$/s.exec(written.replace(/[_,]/g, "")) ?? [];
  const size = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits).toString();
  const text = sign === "-" ? `-${size}` : size;
  return { is: "integer", value: text, text };
}

const float = (value: number): PlainValue => ({ is: "float", value, text: floatText(value) });
