// Colour scales that are even to the eye, in grey print and for the colour-blind: the best stands out from the page.

const ANCHORS = {
  viridis: "440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725",
  cividis: "00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838",
  inferno: "000004 1b0c41 4a0c6b 781c6d a52c60 cf4446 ed6925 fb9b06 f7d13d fcffa4",
  grey: "111111 222222 3a3a3a 525252 6b6b6b 848484 9e9e9e b9b9b9 d4d4d4 f0f0f0",
};
export const COLOUR_SCALES = Object.keys(ANCHORS);
export const SHADES = 48; // steps of a scale: as many as the eye tells apart

/** `SHADES` CSS colours from the worst to the best. */
export function shades(name, dark) {
  const stops = (ANCHORS[name] ?? ANCHORS.viridis).split(" ").map((hex) => [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  return Array.from({ length: SHADES }, (_, i) => {
    const share = i / (SHADES - 1);
    // Without the end that the page swallows: the palest on white, the darkest on black.
    const at = (dark ? 0.2 + 0.8 * share : 0.86 * (1 - share)) * (stops.length - 1);
    const k = Math.min(Math.floor(at), stops.length - 2);
    return `rgb(${stops[k].map((c, j) => Math.round(c + (stops[k + 1][j] - c) * (at - k))).join(",")})`;
  });
}

/** "#rrggbb" or "rgb(r,g,b)" as three numbers 0..255. */
export function rgb(colour) {
  if (colour.startsWith("#")) return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  return colour.match(/\d+/g).map(Number);
}

const DARK = matchMedia("(prefers-color-scheme: dark)");

/** The colours of the page now, for what is drawn on a canvas. */
export function inks() {
  const dark = DARK.matches;
  return dark
    ? { dark, page: "#0f1419", ink: "#e6edf3", muted: "#9aa5b1", rule: "#6e7883", faint: "#39424c", accent: "#ff9d5c" }
    : { dark, page: "#ffffff", ink: "#1f2328", muted: "#5c6670", rule: "#8b949e", faint: "#c9ced4", accent: "#b84a00" };
}

/** Call `listener` when the page turns light or dark. */
export function onTheme(listener) {
  DARK.addEventListener("change", listener);
}
