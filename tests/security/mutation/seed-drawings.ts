const svg = (content: string, attributes = 'width="96" height="64"') =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${content}</svg>`;

/** One pixel. */
const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

/** Drawings with everything that librsvg does more with than fill a shape. */
export const SEED_DRAWINGS: readonly (readonly [name: string, text: string])[] = [
  [
    "shapes",
    svg(
      '<rect x="5" y="5" width="40" height="30" fill="#c30"/><circle cx="60" cy="40" r="20" fill="#369" stroke="#000" stroke-width="2"/>',
    ),
  ],
  [
    "gradients",
    svg(
      '<defs><linearGradient id="a" x2="0" y2="1"><stop stop-color="red"/><stop offset="1" stop-color="#00f" stop-opacity=".5"/></linearGradient></defs><rect width="96" height="64" fill="url(#a)"/>',
    ),
  ],
  [
    "curves and dashes",
    svg(
      '<path d="M5 5C20 60 60 0 90 60S20 9 5 50a9 20 30 0 1 30-9q5-5 9 9t9 9z" fill="none" stroke="#063" stroke-width="3" stroke-dasharray="4 2 1" stroke-linejoin="round"/>',
    ),
  ],
  [
    "filters",
    svg(
      '<filter id="f"><feGaussianBlur stdDeviation="3"/><feOffset dx="2" dy="2" result="o"/><feTurbulence baseFrequency=".05" numOctaves="2"/><feComposite in2="o" operator="in"/><feMorphology radius="2"/></filter><circle cx="48" cy="32" r="25" fill="#f80" filter="url(#f)"/>',
    ),
  ],
  [
    "references",
    svg(
      '<defs><g id="a"><rect width="9" height="9"/></g><g id="b"><use xlink:href="#a"/><use href="#a" x="12"/></g><symbol id="s" viewBox="0 0 9 9"><circle r="4"/></symbol></defs><use href="#b" y="20"/><use href="#b" y="40"/><use href="#s" width="30" height="30"/>',
    ),
  ],
  [
    "patterns, masks, clips",
    svg(
      '<pattern id="p" width="8" height="8" patternUnits="userSpaceOnUse"><circle r="3"/></pattern><mask id="m"><rect width="50" height="64" fill="#fff"/></mask><clipPath id="c"><circle cx="48" cy="32" r="30"/></clipPath><g clip-path="url(#c)"><rect width="96" height="64" fill="url(#p)" mask="url(#m)"/></g>',
    ),
  ],
  [
    "markers",
    svg(
      '<marker id="m" markerWidth="4" markerHeight="4" orient="auto"><path d="M0 0L4 2L0 4z"/></marker><polyline points="5,5 30,40 60,10 90,60" fill="none" stroke="#000" marker-mid="url(#m)" marker-end="url(#m)"/>',
    ),
  ],
  [
    "text",
    svg(
      '<style>.t { font: bold 20px sans-serif; fill: #336 }</style><text class="t" x="5" y="30">Some text<tspan dy="20">and more</tspan></text>',
    ),
  ],
  [
    "pictures",
    svg(
      `<image width="40" height="40" href="${PIXEL}"/><image x="50" width="40" height="40" xlink:href="${PIXEL}" preserveAspectRatio="none"/>`,
    ),
  ],
  [
    "entities",
    `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "#c30"><!ENTITY b "&a;">]>${svg('<rect width="50" height="50" fill="&b;"/>')}`,
  ],
  ["millimetres", svg('<rect width="9mm" height="9mm"/>', 'width="25mm" height="17mm"')],
  ["no size", svg('<g id="a" transform="rotate(20)"><rect width="50" height="30"/></g><use href="#a" x="30"/>', "")],
];
