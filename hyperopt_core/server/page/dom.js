// Elements by createElement and textContent alone: no text of a sweep is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element. attributes: `on` holds listeners, `class` and the like are set as they are, null and false left out. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

const SHOWN = new WeakMap(); // element -> the key of what it holds

/**
 * Replace what `element` holds by what `build` gives, unless `key` says that it holds that already: a live page must not
 * take a button away from under the pointer, nor the focus from the keyboard.
 */
export function keep(element, key, build) {
  const text = JSON.stringify(key);
  if (SHOWN.get(element) === text) return;
  SHOWN.set(element, text);
  show(element, ...build());
}

/** Replace what `element` holds. */
export function show(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Call `work` once in the next frame, however often it is asked for. */
export function onFrame(work) {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      work();
    });
  };
}

const MEASURE = document.createElement("canvas").getContext("2d");

/** `text`, cut in its middle to at most `room` pixels in a CSS `font`: the ends of long names tell them apart. */
export function shorten(text, room, font) {
  MEASURE.font = font;
  if (MEASURE.measureText(text).width <= room) return text;
  let low = 0;
  let high = text.length;
  const cut = (n) => `${text.slice(0, Math.ceil(n / 2))}…${text.slice(text.length - Math.floor(n / 2))}`;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (MEASURE.measureText(cut(middle)).width <= room) low = middle;
    else high = middle - 1;
  }
  return cut(low);
}
