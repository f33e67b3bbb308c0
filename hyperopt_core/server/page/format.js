// Numbers and times as people write them.

const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** 0.05, 128, 3×10⁻⁵, −2.5; "–" for nothing. */
export function number(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value).replace("-", "−");
  const rounded = Number(value.toPrecision(digits));
  if (rounded !== 0 && (Math.abs(rounded) < 0.001 || Math.abs(rounded) >= 1e6)) {
    const [mantissa, exponent] = rounded.toExponential().split("e");
    const power = `10${[...String(Number(exponent))].map((c) => SUPERSCRIPTS[c]).join("")}`;
    const factor = mantissa === "1" ? "" : mantissa === "-1" ? "−" : `${mantissa}×`;
    return `${factor}${power}`.replace("-", "−");
  }
  return String(rounded).replace("-", "−");
}

/** 1,234 */
export function count(value) {
  return value.toLocaleString("en-US");
}

/** 12 trials */
export function counted(value, noun) {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** 8 s, 3 min, 2.5 h, 3 d */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return "–";
  if (seconds < 10) return `${number(Math.max(seconds, 0), 2)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  if (seconds < 360000) return `${number(seconds / 3600, 2)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

/** "3 min ago" for seconds since the epoch. */
export function ago(at) {
  return `${duration(Math.max(Date.now() / 1000 - at, 0))} ago`;
}

/** Local date and time. */
export function when(at) {
  return at ? new Date(at * 1000).toLocaleString() : "–";
}
