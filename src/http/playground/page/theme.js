import { segmented } from "./dom.js";

const THEME = "imgproxy-theme";
const THEMES = /** @type {const} */ ([
  ["light dark", "Auto"],
  ["light", "Light"],
  ["dark", "Dark"],
]);

/** Light, dark, or as the system has it. */
export function createThemeSwitch() {
  const kept = localStorage.getItem(THEME) ?? "light dark";
  const value = THEMES.find(([name]) => name === kept)?.[0] ?? "light dark";
  const apply = (/** @type {string} */ theme) => document.documentElement.style.setProperty("color-scheme", theme);
  apply(value);
  return segmented({
    name: "theme",
    label: "Colours",
    words: THEMES,
    value,
    onPick: (theme) => {
      localStorage.setItem(THEME, theme);
      apply(theme);
    },
  }).element;
}
